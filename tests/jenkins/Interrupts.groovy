/**
 * Who may interrupt the build: somebody who aborts it, and `timeout`.
 *
 * A step under way is asked to stop; between two steps, the next one fails instead.
 */
class Interrupts {
    private Interruption pending
    private Shell running

    /** Runs a shell step, which can be stopped meanwhile. */
    def during(Shell shell, Closure body) {
        synchronized (this) {
            check()
            running = shell
        }
        try {
            return body()
        } finally {
            synchronized (this) {
                running = null
            }
        }
    }

    /** Fails if the build was interrupted since the last step. */
    synchronized void check() {
        if (pending != null) {
            def why = pending
            pending = null
            throw why
        }
    }

    synchronized void raise(Interruption why) {
        if (running != null) {
            running.stop(why)
        } else {
            pending = why
        }
    }

    /** Does not wait any longer for the step that runs now. */
    synchronized void giveUp(Interruption why) {
        running?.giveUp(why)
    }

    /** An interruption that nobody has met no longer matters when its limit is left. */
    synchronized void leave(Object limit) {
        if (pending?.limit?.is(limit)) {
            pending = null
        }
    }
}
