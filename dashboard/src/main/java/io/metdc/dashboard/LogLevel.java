package io.metdc.dashboard;

/// How much is logged, changeable while it is. Any thread.
public interface LogLevel {
    /// As in the configuration: `info`.
    String current();

    /// From now on.
    ///
    /// @return false when there is no such level
    boolean change(String level);
}
