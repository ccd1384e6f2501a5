/** A declarative pipeline, as its file says it. */
class Model {
    String agent
    List<List> options = []
    List<Map> parameters = []
    Closure environment
    List<Stage> stages = []
    Map<String, Closure> post = [:]
}
