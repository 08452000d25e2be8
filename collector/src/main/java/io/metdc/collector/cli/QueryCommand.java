package io.metdc.collector.cli;

import io.metdc.collector.config.Configuration;
import io.metdc.collector.query.Answer;
import io.metdc.collector.query.Csv;
import io.metdc.collector.query.Json;
import io.metdc.collector.query.NamedQuery;
import io.metdc.collector.query.Question;
import io.metdc.collector.query.SqlText;
import io.metdc.collector.query.Table;
import io.metdc.storage.Database;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `metdc query`.
@Command(
        name = "query",
        description = {
            "Asks the database, whether metdc runs or not; changes nothing.",
            "",
            "  metdc query                           lists the questions that have a name",
            "  metdc query counts                    asks one of them",
            "  metdc query last_trades --param symbol=BTCUSDT --format csv",
            "  metdc query --sql \"SELECT count(*) FROM trade\"",
            "",
            "The questions are the files in scripts/sql; yours can be put beside them."
        })
final class QueryCommand implements Callable<Integer> {
    private static final Path QUESTIONS = Path.of("scripts", "sql");
    private static final String CANCELLED = "57014";
    private static final String READ_ONLY = "25006";

    /// How an answer is written.
    enum Format {
        TABLE,
        CSV,
        JSON
    }

    private final Surroundings surroundings;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Parameters(arity = "0..1", paramLabel = "NAME", description = "The question; without it all of them are listed.")
    private @Nullable String name;

    @Option(
            names = {"-p", "--param"},
            paramLabel = "KEY=VALUE",
            description = "A parameter of the question. May be given several times.")
    private List<String> parameters = new ArrayList<>();

    @Option(names = "--sql", paramLabel = "SQL", description = "Any single statement that reads.")
    private @Nullable String sql;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, csv (RFC 4180) or json (an array of objects). Default: ${DEFAULT-VALUE}.")
    private Format format = Format.TABLE;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "5m",
            converter = DurationConverter.class,
            description = "Give up after this time. Default: ${DEFAULT-VALUE}.")
    private Duration timeout = Duration.ofMinutes(5);

    QueryCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws Exception {
        if (sql != null && (name != null || !parameters.isEmpty())) {
            throw CommandException.usage("--sql goes together with neither a name nor parameters");
        }
        if (sql != null) {
            if (SqlText.parse(sql, Set.of()).statements() != 1) {
                throw CommandException.usage("--sql takes one statement");
            }
            return ask(Question.free(sql, timeout));
        }
        if (name == null) {
            return list();
        }
        NamedQuery query = named(name);
        return ask(Question.named(query, values(query), timeout));
    }

    private Path folder() {
        return surroundings.base().resolve(QUESTIONS);
    }

    private int list() throws IOException, CommandException {
        PrintStream out = surroundings.terminal().out();
        for (NamedQuery query : all()) {
            out.println(query.name());
            wrapped(query.answers(), 74).forEach(line -> out.println("    " + line));
            query.parameters().forEach((key, parameter) -> {
                String option = "--param " + key + "=" + (parameter.fallback().isEmpty() ? "…" : parameter.fallback());
                out.println("    " + option + " ".repeat(Math.max(2, 24 - option.length())) + parameter.meaning());
            });
        }
        return ExitCode.OK;
    }

    private static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private List<NamedQuery> all() throws IOException, CommandException {
        try {
            return NamedQuery.all(folder());
        } catch (NoSuchFileException e) {
            throw CommandException.failed("there are no questions: no folder " + folder());
        }
    }

    private NamedQuery named(String name) throws IOException, CommandException {
        try {
            return NamedQuery.read(folder(), name);
        } catch (NoSuchFileException e) {
            throw CommandException.usage("there is no question '" + name + "'; there are "
                    + all().stream().map(NamedQuery::name).collect(Collectors.joining(", ")));
        }
    }

    private Map<String, String> values(NamedQuery query) throws CommandException {
        Map<String, String> values = new LinkedHashMap<>();
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            if (equals <= 0) {
                throw CommandException.usage("--param is to be followed by key=value, not '" + parameter + "'");
            }
            String key = parameter.substring(0, equals);
            if (!query.parameters().containsKey(key)) {
                throw CommandException.usage("the question " + query.name() + " has no parameter '" + key + "'; it has "
                        + (query.parameters().isEmpty()
                                ? "none"
                                : String.join(", ", query.parameters().keySet())));
            }
            values.put(key, parameter.substring(equals + 1));
        }
        return values;
    }

    private int ask(Question question) throws Exception {
        Configuration configuration = options.load(surroundings);
        try (Interruption _ = new Interruption(question::cancel)) {
            return ask(question, configuration);
        }
    }

    private int ask(Question question, Configuration configuration) throws Exception {
        try (Database database = Database.visit(configuration.settings().database())) {
            Writer out = new BufferedWriter(
                    new OutputStreamWriter(surroundings.terminal().results(), StandardCharsets.UTF_8));
            try {
                question.ask(database.readOnly(), answer(out));
            } finally {
                out.flush();
            }
            return ExitCode.OK;
        } catch (SQLException e) {
            if (question.isCancelled()) {
                surroundings.terminal().err().println("metdc: cancelled"); // here, while the process still waits for us
                return ExitCode.FAILED;
            }
            throw explained(e);
        } catch (IOException e) {
            if (Terminal.isUnwanted(e)) {
                return ExitCode.OK;
            }
            throw CommandException.failed("the answer cannot be written: " + e.getMessage(), e);
        }
    }

    private Answer answer(Writer out) throws IOException {
        return switch (format) {
            case TABLE -> new Table(out, surroundings.terminal().columns());
            case CSV -> new Csv(out);
            case JSON -> new Json(out);
        };
    }

    private CommandException explained(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String message = String.valueOf(e.getMessage())
                .replaceFirst("^ERROR: ", "")
                .replaceFirst("(?s)\\R\\s*Where: .*", "") // which of the driver's portals
                .replaceAll("\\R\\s*", "; ");
        for (String parameter : parameters) { // which one it was is not said, but what was wrong with it
            int equals = parameter.indexOf('=');
            if (state.startsWith("22") && message.contains('"' + parameter.substring(equals + 1) + '"')) {
                message = "--param " + parameter.substring(0, equals) + ": " + message;
            }
        }
        if (state.equals(CANCELLED)) {
            return CommandException.failed("given up (" + message + "): --timeout gives it more time", e);
        }
        if (state.equals(READ_ONLY)) {
            return CommandException.usage("only statements that read are possible here: " + message);
        }
        return state.startsWith("42") || state.startsWith("22")
                ? CommandException.usage(message)
                : CommandException.failed("the database says: " + message, e);
    }
}
