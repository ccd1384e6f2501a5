/**
 * Reads the closures of a `pipeline` block into a {@link Model}.
 *
 * What is in no table here is refused before anything runs, as Jenkins' validator does.
 */
class Sections {
    /** Options that wrap what they are set for; the others say something of the job. */
    static final Set<String> WRAPPERS = ['retry', 'timeout', 'timestamps']
    static final Set<String> OPTIONS = WRAPPERS + [
        'buildDiscarder', 'disableConcurrentBuilds', 'disableResume', 'skipDefaultCheckout',
    ]
    static final Set<String> STAGE_OPTIONS = WRAPPERS + ['skipDefaultCheckout']
    static final Set<String> TRIGGERS = ['cron', 'githubPush', 'pollSCM', 'upstream']
    static final Set<String> PARAMETERS = ['booleanParam', 'choice', 'string', 'text']
    /** In the order in which they are looked at. */
    static final List<String> CONDITIONS = [
        'always', 'changed', 'fixed', 'regression', 'aborted', 'success', 'unsuccessful', 'unstable', 'failure',
        'notBuilt', 'cleanup',
    ]

    static Model pipeline(Closure body) {
        def model = new Model()
        each(body, 'section', [
            agent: { model.agent = agent(it) },
            options: { model.options = options(it, OPTIONS) },
            triggers: { each(it, 'trigger', names(TRIGGERS) { name, args -> }) },
            parameters: { model.parameters = parameters(it) },
            environment: { model.environment = it },
            stages: { model.stages = stages(it) },
            post: { model.post = post(it) },
        ])
        model
    }

    private static List<Stage> stages(Closure body) {
        def all = []
        each(body, 'stage', [stage: { name, content -> all << stage(name as String, content) }])
        all
    }

    private static Stage stage(String name, Closure body) {
        def stage = new Stage(name: name)
        each(body, 'stage section', [
            options: { stage.options = options(it, STAGE_OPTIONS) },
            environment: { stage.environment = it },
            when: { stage.when = it },
            steps: { stage.steps = it },
            stages: { stage.stages = stages(it) },
            post: { stage.post = post(it) },
        ])
        stage
    }

    private static String agent(argument) {
        if (!(argument instanceof Closure)) {
            return argument as String
        }
        def label = null
        each(argument, 'agent', [label: { label = it }])
        label
    }

    private static List<List> options(Closure body, Set<String> known) {
        def all = []
        def readers = names(known) { name, args -> all << [name, args] }
        each(body, 'option', readers + [logRotator: { args -> args }])
        all
    }

    private static List<Map> parameters(Closure body) {
        def all = []
        each(body, 'parameter', names(PARAMETERS) { name, args -> all << [kind: name] + args[0] })
        all
    }

    private static Map<String, Closure> post(Closure body) {
        def all = [:]
        each(body, 'condition', names(CONDITIONS as Set) { name, args -> all[name] = args[0] })
        all
    }

    private static Map<String, Closure> names(Collection<String> known, Closure read) {
        known.collectEntries { name -> [(name): { Object... args -> read(name, args as List) }] }
    }

    /** Runs a block in which these names can be called. */
    private static void each(Closure body, String what, Map<String, Closure> readers) {
        Block.with(body, new Names(what, readers))()
    }

    /** The names that a block knows. */
    static class Names {
        private final String what
        private final Map<String, Closure> readers

        Names(String what, Map<String, Closure> readers) {
            this.what = what
            this.readers = readers
        }

        def invokeMethod(String name, args) {
            def reader = readers[name]
            if (reader == null) {
                throw new InvalidPipeline("Invalid $what \"$name\". Known to this harness: ${readers.keySet().sort()}")
            }
            reader.call(*(args as List))
        }

        /** `agent any`. */
        def getAny() {
            'any'
        }

        def getNone() {
            'none'
        }
    }
}
