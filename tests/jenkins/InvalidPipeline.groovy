/** The file is no declarative pipeline, or one with something that this harness does not know. */
class InvalidPipeline extends RuntimeException {
    InvalidPipeline(String message) {
        super(message)
    }
}
