/** An `environment` block: its values may use the ones before them. */
class EnvironmentBlock {
    private final Build build
    private final Map<String, String> values = [:]

    private EnvironmentBlock(Build build) {
        this.build = build
    }

    static Map<String, String> values(Build build, Closure body) {
        def environment = new EnvironmentBlock(build)
        Block.with(body, environment)()
        environment.@values
    }

    def credentials(String id) {
        [credentialsId: id]
    }

    void setProperty(String name, value) {
        if (value instanceof Map) {
            this.@values.putAll(new Credentials(this.@build).named(name, value.credentialsId))
        } else {
            this.@values[name] = value as String
        }
    }

    def getProperty(String name) {
        if (this.@values.containsKey(name)) {
            return this.@values[name]
        }
        // Then the script is asked.
        throw new MissingPropertyException(name, EnvironmentBlock)
    }
}
