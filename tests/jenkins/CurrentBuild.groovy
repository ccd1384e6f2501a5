/** The global variable `currentBuild`. */
class CurrentBuild {
    private final Build build

    CurrentBuild(Build build) {
        this.build = build
    }

    def getProperty(String name) {
        def known = build.current()
        if (!known.containsKey(name)) {
            throw new MissingPropertyException(name, CurrentBuild)
        }
        known[name]
    }

    void setProperty(String name, value) {
        switch (name) {
            case 'result':
                // Jenkins lets it become worse only.
                build.worsen(Result.valueOf(value as String))
                break
            case 'displayName':
                build.displayName = value
                break
            case 'description':
                build.description = value
                break
            default:
                throw new MissingPropertyException(name, CurrentBuild)
        }
    }
}
