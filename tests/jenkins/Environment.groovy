/** The variables of a build, in layers: `withEnv` and `environment` lay one over the others. */
class Environment {
    private final List<Map<String, String>> layers = [[:]]

    Environment(Map<String, String> base) {
        layers << new LinkedHashMap(base)
    }

    Map<String, String> all() {
        layers.inject([:]) { all, layer -> all + layer }
    }

    /** Runs the body with more variables; `PATH+ANY` goes before what `PATH` is. */
    def with(Map<String, String> more, Closure body) {
        def layer = [:]
        more.each { name, value ->
            int plus = name.indexOf('+')
            if (plus < 0) {
                layer[name] = value as String
            } else {
                def whole = name.substring(0, plus)
                def before = (layer[whole] ?: getProperty(whole))
                layer[whole] = before ? "$value:$before".toString() : value as String
            }
        }
        layers << layer
        try {
            return body()
        } finally {
            layers.remove(layers.size() - 1)
        }
    }

    /** `env.NAME`; null where it is not set. */
    def getProperty(String name) {
        all()[name]
    }

    /** `env.NAME = value`: for the rest of the build. */
    void setProperty(String name, value) {
        layers[1][name] = value as String
    }

    boolean has(String name) {
        all().containsKey(name)
    }
}
