package io.metdc.collector.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/// Where a command reads and writes.
///
/// @param in          unbuffered
/// @param results     stdout: unbuffered, and it says so when nobody reads any more
/// @param out         the same as text; what is written to both is in order
/// @param err         stderr, for everything that is no result
/// @param interactive whether a person looks at `out`, so that colours and progress make sense
/// @param columns     how wide a line of `out` can be; [Integer#MAX_VALUE] when nobody looks
public record Terminal(
        InputStream in, OutputStream results, PrintStream out, PrintStream err, boolean interactive, int columns) {

    private static final int USUAL_COLUMNS = 80;

    /// One that is not a terminal, such as a file or a test.
    public static Terminal of(InputStream in, OutputStream out, OutputStream err) {
        return new Terminal(
                in,
                out,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8),
                false,
                Integer.MAX_VALUE);
    }

    /// That of this process.
    @SuppressWarnings("SystemConsoleNull") // from JDK 25 on it is null again where there is no terminal
    public static Terminal ofProcess() {
        Map<String, String> environment = System.getenv();
        java.io.Console console = System.console();
        boolean terminal = console != null && console.isTerminal();
        boolean plain = environment.containsKey("NO_COLOR") || "dumb".equals(environment.get("TERM"));
        OutputStream out = new FileOutputStream(FileDescriptor.out);
        return new Terminal(
                new FileInputStream(FileDescriptor.in),
                out,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                System.err,
                terminal && !plain,
                columns(terminal, environment));
    }

    /// Whether a result could not be written because its reader wants no more, such as `head`: that is no failure.
    static boolean isUnwanted(IOException e) {
        return "Broken pipe".equals(e.getMessage()); // Java tells it in no other way
    }

    private static int columns(boolean terminal, Map<String, String> environment) {
        int columns = number(environment.getOrDefault("COLUMNS", ""));
        if (columns == 0 && terminal) {
            columns = askedColumns();
        }
        if (columns > 0) {
            return columns;
        }
        return terminal ? USUAL_COLUMNS : Integer.MAX_VALUE;
    }

    /// What `stty size` says of the terminal, 0 if nothing.
    private static int askedColumns() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(Path.of("/dev/tty").toFile())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (InputStream answer = stty.getInputStream()) {
                if (!stty.waitFor(1, TimeUnit.SECONDS)) {
                    stty.destroy();
                    return 0;
                }
                String[] rowsAndColumns = new String(answer.readAllBytes(), StandardCharsets.US_ASCII)
                        .strip()
                        .split(" ", 2);
                return rowsAndColumns.length == 2 ? number(rowsAndColumns[1]) : 0;
            }
        } catch (IOException e) {
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static int number(String text) {
        return text.matches("[1-9]\\d{0,4}") ? Integer.parseInt(text) : 0;
    }
}
