/** What a build has come to. Of two, the worse counts, as in Jenkins' hudson.model.Result. */
enum Result {
    SUCCESS, UNSTABLE, FAILURE, NOT_BUILT, ABORTED

    Result combine(Result other) {
        other != null && other > this ? other : this
    }

    static Result of(Throwable error) {
        if (error == null) {
            return SUCCESS
        }
        error instanceof Interruption ? ABORTED : FAILURE
    }
}
