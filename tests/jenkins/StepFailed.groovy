/** A step failed: Jenkins' AbortException, whose message is told without a stack trace. */
class StepFailed extends RuntimeException {
    StepFailed(String message) {
        super(message)
    }
}
