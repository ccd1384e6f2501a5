import org.codehaus.groovy.ast.ClassCodeVisitorSupport
import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.expr.BinaryExpression
import org.codehaus.groovy.ast.expr.ClosureExpression
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.Expression
import org.codehaus.groovy.ast.expr.GStringExpression
import org.codehaus.groovy.ast.expr.MethodCallExpression
import org.codehaus.groovy.ast.expr.TupleExpression
import org.codehaus.groovy.ast.expr.VariableExpression
import org.codehaus.groovy.ast.stmt.BlockStatement
import org.codehaus.groovy.ast.stmt.ExpressionStatement
import org.codehaus.groovy.ast.stmt.Statement
import org.codehaus.groovy.control.SourceUnit
import org.codehaus.groovy.syntax.SyntaxException

/**
 * The form of a `pipeline` block, as Declarative's ModelParser asks for it: sections, stages and steps, and
 * no Groovy around them but in `script` and `expression`.
 */
class Declarative extends ClassCodeVisitorSupport {
    private static final List<String> STAGE_CONTENT = ['steps', 'stages', 'parallel', 'matrix']

    private final SourceUnit source

    Declarative(SourceUnit source) {
        this.source = source
    }

    static void check(SourceUnit source, ClassNode node) {
        new Declarative(source).visitClass(node)
    }

    @Override
    protected SourceUnit getSourceUnit() {
        source
    }

    @Override
    void visitMethodCallExpression(MethodCallExpression call) {
        if (call.methodAsString == 'pipeline' && block(call) != null) {
            pipeline(call)
        } else {
            super.visitMethodCallExpression(call)
        }
    }

    private void pipeline(MethodCallExpression call) {
        def sections = calls(block(call), 'a section')
        ['agent', 'stages'].each { name ->
            if (!sections*.methodAsString.contains(name)) {
                error(call, "Missing required section \"$name\"")
            }
        }
        twice(sections, { it.methodAsString }, 'Multiple occurrences of the section')
        sections.each { section(it) }
        def stages = sections.findAll { it.methodAsString == 'stages' }.collectMany { stageNames(it) }
        twice(stages, { it[0] }, 'Duplicate stage name:')
    }

    private void section(MethodCallExpression call) {
        switch (call.methodAsString) {
            case 'stages': calls(needBlock(call), 'a stage').each { stage(it) }; break
            case 'steps': steps(needBlock(call)); break
            case 'post': calls(needBlock(call), 'a condition').each { steps(needBlock(it)) }; break
            case 'environment': needBlock(call).each { assignment(it) }; break
            case 'when': when(needBlock(call)); break
            case 'agent': break
            default: calls(needBlock(call), "an entry of $call.methodAsString")
        }
    }

    private void stage(MethodCallExpression call) {
        if (!(arguments(call)[0] instanceof ConstantExpression)) {
            error(call, 'Expected a stage name but did not find any')
        }
        def sections = calls(needBlock(call), 'a stage section')
        def content = sections.findAll { it.methodAsString in STAGE_CONTENT }
        if (content.size() != 1) {
            error(call, 'Expected exactly one of "steps", "stages", "parallel" or "matrix" for the stage')
        }
        twice(sections, { it.methodAsString }, 'Multiple occurrences of the section')
        sections.each { section(it) }
    }

    private List stageNames(MethodCallExpression stages) {
        calls(block(stages) ?: [], 'a stage').collectMany { stage ->
            def inner = calls(block(stage) ?: [], 'a section').findAll { it.methodAsString == 'stages' }
            [[arguments(stage)[0].text, stage]] + inner.collectMany { stageNames(it) }
        }
    }

    private void steps(List<Statement> statements) {
        calls(statements, 'a step').each { call ->
            if (call.methodAsString != 'script' && block(call) != null) {
                steps(block(call))
            }
        }
    }

    private void when(List<Statement> statements) {
        if (!statements) {
            error(null, 'Empty when closure, remove the property or add some content.')
        }
        calls(statements, 'a when condition').each { call ->
            if (call.methodAsString in ['not', 'anyOf', 'allOf']) {
                when(needBlock(call))
            }
        }
    }

    private void assignment(Statement statement) {
        def expression = statement instanceof ExpressionStatement ? statement.expression : null
        if (!(expression instanceof BinaryExpression) || expression.operation.text != '=' ||
            !(expression.leftExpression instanceof VariableExpression)) {
            error(statement, 'Not a valid environment expression. Use "key = value" pairs with valid Java/shell keys.')
        } else if (!value(expression.rightExpression)) {
            error(statement, 'Environment variable values must either be single quoted, double quoted, or function calls.')
        }
    }

    private boolean value(Expression expression) {
        expression instanceof ConstantExpression || expression instanceof GStringExpression ||
            expression instanceof MethodCallExpression ||
            (expression instanceof BinaryExpression && expression.operation.text == '+' &&
                value(expression.leftExpression) && value(expression.rightExpression))
    }

    /** Statements that are all calls of a name. */
    private List<MethodCallExpression> calls(List<Statement> statements, String what) {
        statements.findResults { statement ->
            def call = statement instanceof ExpressionStatement ? statement.expression : null
            if (call instanceof MethodCallExpression && call.methodAsString != null) {
                if (!call.implicitThis) {
                    error(statement, 'Method calls on objects not allowed outside "script" blocks.')
                }
                return call
            }
            error(statement, "Expected $what")
            null
        }
    }

    private static List<Expression> arguments(MethodCallExpression call) {
        call.arguments instanceof TupleExpression ? call.arguments.expressions : [call.arguments]
    }

    private static List<Statement> block(MethodCallExpression call) {
        def all = arguments(call)
        all && all[-1] instanceof ClosureExpression ? (all[-1].code as BlockStatement).statements : null
    }

    private List<Statement> needBlock(MethodCallExpression call) {
        def statements = block(call)
        if (statements == null) {
            error(call, "Expected a block for $call.methodAsString")
        }
        statements ?: []
    }

    private void twice(List all, Closure name, String message) {
        all.groupBy(name).findAll { it.value.size() > 1 }.each { which, same ->
            error(same[1] instanceof List ? same[1][1] : same[1], "$message \"$which\"")
        }
    }

    private void error(node, String message) {
        source.addError(new SyntaxException(message, node?.lineNumber ?: -1, node?.columnNumber ?: -1))
    }
}
