/** Which conditions of a `post` section are met. */
class Post {
    /** The worse of what steps have set and what the error means. */
    static Result result(Build build, Throwable error) {
        (build.result ?: Result.SUCCESS).combine(Result.of(error))
    }

    static boolean applies(String condition, Build build, Throwable error) {
        def now = result(build, error)
        def previous = build.job.previous == null ? null : Result.valueOf(build.job.previous)
        switch (condition) {
            case ['always', 'cleanup']: return true
            case 'changed': return previous == null || now != previous
            case 'fixed': return now == Result.SUCCESS && previous in [Result.FAILURE, Result.UNSTABLE]
            case 'regression': return previous != null && now > previous
            case 'unsuccessful': return now != Result.SUCCESS
            case 'notBuilt': return now == Result.NOT_BUILT
            default: return now.name().equalsIgnoreCase(condition)
        }
    }
}
