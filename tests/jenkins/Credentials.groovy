/** Credentials as Jenkins keeps them, and the variables that steps get them in. */
class Credentials {
    /** What `withCredentials` can bind, with the variables that it has to name. */
    static final Map<String, List<String>> BINDINGS = [
        string: ['variable'],
        usernamePassword: ['usernameVariable', 'passwordVariable'],
        aws: ['accessKeyVariable', 'secretKeyVariable'],
        AmazonWebServicesCredentialsBinding: ['accessKeyVariable', 'secretKeyVariable'],
    ]
    private static final Map AWS_DEFAULTS = [
        accessKeyVariable: 'AWS_ACCESS_KEY_ID', secretKeyVariable: 'AWS_SECRET_ACCESS_KEY',
    ]

    private final Build build

    Credentials(Build build) {
        this.build = build
    }

    Map<String, String> bound(List<Map> bindings) {
        bindings.collectEntries { variables(it) }
    }

    private Map<String, String> variables(Map binding) {
        String kind = binding['$class']
        def names = BINDINGS[kind]
        if (names == null) {
            throw new IllegalArgumentException("no such binding: $kind; there are ${BINDINGS.keySet()}")
        }
        Arguments.only(kind, binding, names + ['$class', 'credentialsId'])
        def given = kind.toLowerCase().startsWith('a') ? AWS_DEFAULTS + binding : binding
        def kept = find(binding.credentialsId as String)
        kind == 'string'
            ? [(given[names[0]] as String): secret(kept.secret)]
            : [(given[names[0]] as String): kept.username, (given[names[1]] as String): secret(kept.password)]
    }

    /** `credentials('id')` in an `environment` block: also NAME_USR and NAME_PSW. */
    Map<String, String> named(String name, String id) {
        def kept = find(id)
        if (kept.secret != null) {
            return [(name): secret(kept.secret)]
        }
        [(name): "$kept.username:${secret(kept.password)}".toString(), (name + '_USR'): kept.username,
         (name + '_PSW'): kept.password]
    }

    private Map find(String id) {
        def kept = build.job.credentials[id]
        if (kept == null) {
            throw new StepFailed("Could not find credentials entry with ID '$id'")
        }
        kept
    }

    private String secret(String text) {
        build.console.mask(text)
        text
    }
}
