/** What a Jenkinsfile and a library's global variables are: scripts in which steps can be called. */
abstract class PipelineScript extends Script {
    /** The harness that runs the script. */
    private Harness harness() {
        binding.getVariable('harness') as Harness
    }

    def pipeline(Closure body) {
        harness().pipeline(body)
    }

    def propertyMissing(String name) {
        def build = harness().build
        switch (name) {
            case 'env': return build.env
            case 'params': return build.params
            case 'currentBuild': return harness().currentBuild
        }
        if (build.env.has(name)) {
            return build.env.getProperty(name)
        }
        throw new MissingPropertyException(name, getClass())
    }

    def methodMissing(String name, args) {
        def arguments = args as Object[]
        if (name in Steps.NAMES) {
            return harness().steps.run(name, arguments)
        }
        if (Credentials.BINDINGS.containsKey(name) && arguments.length == 1 && arguments[0] instanceof Map) {
            return [$class: name] + arguments[0]
        }
        def global = harness().global(name)
        if (global != null) {
            return global.invokeMethod('call', arguments)
        }
        throw new NoSuchMethodError(
            "No such DSL method '$name' found among steps $Steps.NAMES or globals ${harness().globals()}")
    }
}
