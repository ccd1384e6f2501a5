/** Runs a pipeline in the order of Declarative's ModelInterpreter. */
class Interpreter {
    private final Build build
    private final Steps steps
    private final Closure checkout

    Interpreter(Build build, Steps steps, Closure checkout) {
        this.build = build
        this.steps = steps
        this.checkout = checkout
    }

    /** The first error; null when all went well. */
    Throwable run(Model model) {
        setParameters(model)
        def error = null
        node(model.agent) {
            stageBlock('Declarative: Checkout SCM') { checkout() }
            withVariables(model.environment) {
                try {
                    // The time limit of the whole pipeline holds for `post`, too.
                    wrapped(model.options) {
                        error = sequence(model.stages, null)
                        error = postBuild(model, error)
                        if (error != null) {
                            throw error
                        }
                    }
                } catch (Throwable thrown) {
                    error = error ?: Errors.cause(thrown)
                }
            }
        }
        error
    }

    private void setParameters(Model model) {
        model.parameters.each { parameter ->
            def fallback = parameter.kind == 'choice' ? choices(parameter)[0] : parameter.defaultValue
            def value = build.job.parameters.containsKey(parameter.name)
                ? build.job.parameters[parameter.name] : fallback ?: (parameter.kind == 'booleanParam' ? false : '')
            if (parameter.kind == 'choice' && !(value in choices(parameter))) {
                throw new InvalidPipeline("Illegal choice for parameter $parameter.name: $value")
            }
            build.params[parameter.name] = parameter.trim ? value.trim() : value
            build.env.setProperty(parameter.name as String, build.params[parameter.name])
        }
        def unknown = build.job.parameters.keySet() - model.parameters*.name
        if (unknown) {
            throw new InvalidPipeline("the job has no parameter ${unknown[0]}")
        }
    }

    private static List<String> choices(Map parameter) {
        parameter.choices instanceof List ? parameter.choices : parameter.choices.split('\n') as List
    }

    private void node(String agent, Closure body) {
        if (agent == null || agent == 'none') {
            throw new InvalidPipeline('this harness needs an agent for the whole pipeline')
        }
        log('[Pipeline] node')
        log("Running on built-in in $build.workspace")
        log('[Pipeline] {')
        body()
        log('[Pipeline] }')
        log('[Pipeline] // node')
        build.leaveAgent()
    }

    private Throwable sequence(List<Stage> stages, String skipped) {
        Throwable error = null
        stages.each { stage ->
            try {
                evaluate(stage, error, skipped)
            } catch (Throwable thrown) {
                error = error ?: Errors.cause(thrown)
            }
        }
        error
    }

    private void evaluate(Stage stage, Throwable before, String skipped) {
        stageBlock(stage.name) {
            if (skipped != null || before != null) {
                skip(stage, skipped ?: 'earlier failure(s)')
                return
            }
            wrapped(stage.options) {
                if (!When.met(build, stage.when)) {
                    skip(stage, 'when conditional')
                    return
                }
                withVariables(stage.environment) {
                    def error = stage.steps == null ? sequence(stage.stages, null) : single(stage.steps)
                    error = conditions(stage.post, error, 'Post stage')
                    if (error != null) {
                        throw error
                    }
                }
            }
        }
    }

    private Throwable single(Closure body) {
        try {
            Block.ofSteps(body)()
            return null
        } catch (Throwable thrown) {
            return Errors.cause(thrown)
        }
    }

    private void skip(Stage stage, String why) {
        log("Stage \"$stage.name\" skipped due to $why")
        sequence(stage.stages, why)
    }

    private Throwable postBuild(Model model, Throwable error) {
        if (!model.post.keySet().any { Post.applies(it, build, error) }) {
            return error
        }
        def after = error
        stageBlock('Declarative: Post Actions') { after = conditions(model.post, error, null) }
        after
    }

    private Throwable conditions(Map<String, Closure> post, Throwable error, String title) {
        if (title != null && post.keySet().any { Post.applies(it, build, error) }) {
            log(title)
        }
        Sections.CONDITIONS.findAll { post.containsKey(it) }.each { condition ->
            if (!Post.applies(condition, build, error)) {
                return
            }
            def before = build.result
            // Inside, the build's result is what it has come to by now.
            def now = Post.result(build, error)
            build.result = now
            try {
                Block.ofSteps(post[condition])()
            } catch (Throwable thrown) {
                def cause = Errors.cause(thrown)
                log("Error when executing $condition post condition:")
                log(cause instanceof StepFailed ? "ERROR: $cause.message" : "$cause")
                error = error ?: cause
            }
            if (build.result == now && now != before) {
                build.result = before
            }
        }
        error
    }

    private void stageBlock(String name, Closure body) {
        log('[Pipeline] stage')
        log("[Pipeline] { ($name)")
        try {
            body()
        } finally {
            log('[Pipeline] }')
            log('[Pipeline] // stage')
        }
    }

    private void withVariables(Closure environment, Closure body) {
        if (environment == null) {
            body()
            return
        }
        def values = EnvironmentBlock.values(build, environment)
        log('[Pipeline] withEnv')
        build.env.with(values) { steps.block('withEnv', body) }
    }

    /** Options that wrap, one in the other. */
    private void wrapped(List<List> options, Closure body) {
        def wrapper = options.find { it[0] in Sections.WRAPPERS }
        if (wrapper == null) {
            body()
            return
        }
        def rest = options.findAll { !it.is(wrapper) }
        steps.run(wrapper[0] as String, (wrapper[1] + [{ wrapped(rest, body) }]) as Object[])
    }

    private void log(String text) {
        build.console.line(text)
    }
}
