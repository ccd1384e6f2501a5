/** A stage of a {@link Model}: with steps, or with stages of its own. */
class Stage {
    String name
    List<List> options = []
    Closure environment
    Closure when
    Closure steps
    List<Stage> stages = []
    Map<String, Closure> post = [:]
}
