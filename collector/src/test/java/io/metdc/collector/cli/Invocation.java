package io.metdc.collector.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// One call of a command in this process, with streams of its own.
final class Invocation {
    private final Map<String, String> variables = new HashMap<>();
    private final Path home;
    private byte[] input = {};
    private Program program;
    private int columns = Integer.MAX_VALUE;
    private String deaf;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    Invocation(Path home) {
        this.home = home;
    }

    Invocation variable(String name, String value) {
        variables.put(name, value);
        return this;
    }

    Invocation input(byte[] bytes) {
        input = bytes;
        return this;
    }

    /// As if a person looked at it, in a terminal of this width.
    Invocation columns(int columns) {
        this.columns = columns;
        return this;
    }

    /// As if nothing could be written to stdout.
    ///
    /// @param why as the operating system says it
    Invocation writingNothing(String why) {
        deaf = why;
        return this;
    }

    Invocation program(Program program) {
        this.program = program;
        return this;
    }

    int run(String... arguments) {
        out.reset();
        err.reset();
        Terminal plain = Terminal.of(new ByteArrayInputStream(input), out, err);
        Terminal terminal = new Terminal(
                plain.in(), deaf == null ? plain.results() : failing(), plain.out(), plain.err(), false, columns);
        return new CommandLineInterface(new Surroundings(terminal, variables, home, home), program).execute(arguments);
    }

    private OutputStream failing() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException(deaf);
            }
        };
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    List<String> lines() {
        return out().lines().toList();
    }
}
