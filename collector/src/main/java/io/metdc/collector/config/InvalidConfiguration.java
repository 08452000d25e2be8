package io.metdc.collector.config;

import java.util.List;
import java.util.stream.Collectors;

/// The configuration cannot be used; the message has one line for everything that is wrong with it.
public final class InvalidConfiguration extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    InvalidConfiguration(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /// In the order of the file, then environment, then command line.
    public List<Problem> problems() {
        return problems;
    }
}
