import groovy.json.JsonSlurper

/** What a test says of the job and of this build of it: a JSON file. */
class Job {
    /** The repository that is checked out, and its branch. */
    String repository
    String branch
    /** For a pull request: its number, and the branch that it is to be merged into. */
    Map change
    /** A plain Pipeline job, whose branch is known from git alone. */
    boolean multibranch = true
    String jenkinsfile = 'Jenkinsfile'
    /** Where the workspace and what is kept of the build are. */
    String home
    int number = 1
    /** The result of the build before; null for the first. */
    String previous
    /** What somebody has filled in; parameters that are left out have their default. */
    Map parameters = [:]
    /** Credentials by their id: `username` and `password`, or `secret`. */
    Map credentials = [:]
    /** The directories of shared libraries, by name. */
    Map libraries = [:]
    /** The build is aborted as soon as this file is there. */
    String abort
    /** Seconds after which a step is given up that was told to stop. */
    double stepGrace = 20
    /** Seconds after which a step is given up whose `timeout` is over. */
    double timeoutGrace = 60

    static Job read(String path) {
        new Job(new JsonSlurper().parse(new File(path)) as Map)
    }
}
