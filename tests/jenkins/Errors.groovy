/** Errors as the script threw them, without what Groovy wraps around them. */
class Errors {
    static Throwable cause(Throwable thrown) {
        while (thrown.cause != null && (thrown instanceof org.codehaus.groovy.runtime.InvokerInvocationException ||
            thrown instanceof java.lang.reflect.InvocationTargetException ||
            thrown instanceof java.lang.reflect.UndeclaredThrowableException)) {
            thrown = thrown.cause
        }
        thrown
    }
}
