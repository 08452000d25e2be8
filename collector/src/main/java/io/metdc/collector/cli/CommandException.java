package io.metdc.collector.cli;

/// A command cannot go on; the message is all that the user gets to see.
public final class CommandException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private CommandException(int exitCode, String message, @org.jspecify.annotations.Nullable Throwable cause) {
        super(message, cause);
        this.exitCode = exitCode;
    }

    /// What was asked for was tried, and failed.
    public static CommandException failed(String message) {
        return new CommandException(ExitCode.FAILED, message, null);
    }

    public static CommandException failed(String message, Throwable cause) {
        return new CommandException(ExitCode.FAILED, message, cause);
    }

    /// What was asked for cannot be done, whatever the circumstances.
    public static CommandException usage(String message) {
        return new CommandException(ExitCode.USAGE, message, null);
    }

    int exitCode() {
        return exitCode;
    }
}
