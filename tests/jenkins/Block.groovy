/** Closures as Declarative runs them: names in them mean what they mean in the script itself. */
class Block {
    static Closure ofSteps(Closure body) {
        with(body, body.thisObject)
    }

    /** The closure, in which the names of this object come first. */
    static Closure with(Closure body, Object names) {
        def block = body.clone() as Closure
        block.delegate = names
        block.resolveStrategy = Closure.DELEGATE_FIRST
        block
    }
}
