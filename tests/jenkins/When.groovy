/** The conditions of a `when` block; all of them have to be met. */
class When {
    private final Build build
    private final List<Boolean> met = []

    private When(Build build) {
        this.build = build
    }

    static boolean met(Build build, Closure body) {
        body == null || all(build, body).every()
    }

    private static List<Boolean> all(Build build, Closure body) {
        def when = new When(build)
        Block.with(body, when)()
        when.met
    }

    /** Without `BRANCH_NAME`, which multibranch projects set, only `GIT_LOCAL_BRANCH` is looked at. */
    void branch(Object... given) {
        def args = Arguments.named('branch', given, 'pattern', ['pattern', 'comparator'])
        def actual = build.env.getProperty('BRANCH_NAME') ?: build.env.getProperty('GIT_LOCAL_BRANCH')
        met << compare(args.pattern, actual, args.comparator ?: 'GLOB')
    }

    void changeRequest(Map args = [:]) {
        def variables = [target: 'CHANGE_TARGET', branch: 'CHANGE_BRANCH', id: 'CHANGE_ID']
        Arguments.only('changeRequest', args, variables.keySet() as List)
        met << (build.env.has('CHANGE_ID') &&
            args.every { name, pattern -> compare(pattern, build.env.getProperty(variables[name]), 'GLOB') })
    }

    void environment(Map args) {
        Arguments.only('environment', args, ['name', 'value', 'ignoreCase'])
        def actual = build.env.getProperty(args.name)
        met << (args.ignoreCase ? args.value.equalsIgnoreCase(actual) : args.value == (actual ?: ''))
    }

    void equals(Map args) {
        Arguments.only('equals', args, ['expected', 'actual'])
        met << (args.expected == args.actual)
    }

    void expression(Closure body) {
        met << (Block.ofSteps(body)() as boolean)
    }

    void not(Closure body) {
        met << !all(build, body).every()
    }

    void allOf(Closure body) {
        met << all(build, body).every()
    }

    void anyOf(Closure body) {
        met << all(build, body).any()
    }

    // When it is looked at makes no difference here: there is one agent, and no input.
    void beforeAgent(boolean yes) {}

    void beforeInput(boolean yes) {}

    void beforeOptions(boolean yes) {}

    def methodMissing(String name, args) {
        throw new InvalidPipeline("Unknown conditional $name to this harness")
    }

    private static boolean compare(String pattern, String actual, String comparator) {
        if (!pattern || !actual) {
            return !pattern && !actual
        }
        switch (comparator) {
            case 'EQUALS': return actual == pattern
            case 'REGEXP': return actual ==~ pattern
            case 'GLOB': return java.nio.file.FileSystems.default.getPathMatcher("glob:$pattern")
                .matches(java.nio.file.Paths.get(actual))
            default: throw new InvalidPipeline("Unknown comparator $comparator")
        }
    }
}
