import org.codehaus.groovy.ast.ClassNode
import org.codehaus.groovy.ast.CodeVisitorSupport
import org.codehaus.groovy.ast.expr.ConstantExpression
import org.codehaus.groovy.ast.expr.DeclarationExpression
import org.codehaus.groovy.ast.expr.ListExpression

/** The libraries that a script names with `@Library`. */
class Libraries extends CodeVisitorSupport {
    private final List<String> names = []

    static List<String> of(ClassNode node) {
        def found = new Libraries()
        node.methods.each { it.code?.visit(found) }
        node.module.statementBlock.visit(found)
        found.names.unique()
    }

    @Override
    void visitDeclarationExpression(DeclarationExpression declaration) {
        declaration.annotations.findAll { it.classNode.nameWithoutPackage == 'Library' }.each { annotation ->
            def value = annotation.getMember('value')
            def each = value instanceof ListExpression ? value.expressions : [value]
            // What follows an @ is the version.
            each.findAll { it instanceof ConstantExpression }.each { names << it.value.tokenize('@')[0] }
        }
        super.visitDeclarationExpression(declaration)
    }
}
