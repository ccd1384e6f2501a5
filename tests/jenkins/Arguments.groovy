/** The arguments of steps and options. */
class Arguments {
    /** Fails at a name that the step does not have. */
    static void only(String step, Map args, List<String> known) {
        def unknown = args.keySet() - known
        if (unknown) {
            throw new IllegalArgumentException("Invalid parameter \"${unknown[0]}\" of $step; it has $known")
        }
    }

    /** Named arguments, or the one that is given without its name. */
    static Map named(String step, Object[] args, String single, List<String> known) {
        if (args.length > 1) {
            throw new IllegalArgumentException("Arguments to \"$step\" must be explicitly named.")
        }
        def given = args.length == 0 ? [:] : args[0] instanceof Map ? args[0] : [(single): args[0]]
        only(step, given, known)
        given
    }
}
