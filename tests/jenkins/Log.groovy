/** The build's log on standard output, with secrets masked. */
class Log {
    private final List<String> secrets = []

    synchronized void line(String text) {
        println masked(text)
        System.out.flush()
    }

    synchronized void mask(String secret) {
        if (secret) {
            secrets << secret
        }
    }

    private String masked(String text) {
        // The longest first: one secret may be a part of another.
        secrets.sort { -it.length() }.inject(text) { line, secret -> line.replace(secret, '****') }
    }
}
