/** Somebody aborted the build, or a time limit is over: Jenkins' FlowInterruptedException. */
class Interruption extends RuntimeException {
    /** The `timeout` whose limit is over; null when somebody aborted the build. */
    final Object limit

    Interruption(String why, Object limit = null) {
        super(why)
        this.limit = limit
    }
}
