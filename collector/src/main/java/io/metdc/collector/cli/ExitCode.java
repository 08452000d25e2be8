package io.metdc.collector.cli;

/// What a command tells its caller by its exit code.
public final class ExitCode {
    public static final int OK = 0;
    public static final int FAILED = 1;
    /// The command line or the configuration is wrong.
    public static final int USAGE = 2;
    /// A check found something.
    public static final int FOUND = 3;
    /// Start me again, please.
    public static final int RESTART = 75;

    private ExitCode() {}
}
