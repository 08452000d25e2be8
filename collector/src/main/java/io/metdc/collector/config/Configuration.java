package io.metdc.collector.config;

import io.metdc.collector.config.Given.Items;
import io.metdc.collector.config.Given.Nothing;
import io.metdc.collector.config.Given.Rows;
import io.metdc.collector.config.Given.Scalar;
import io.metdc.collector.config.Given.Shape;
import io.metdc.connectors.Connector;
import io.metdc.market.Market;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The configuration of one run of the program: the settings, and where each came from.
///
/// @param settings what the program uses
/// @param all      every setting there is, in the order of the file
/// @param warnings what is accepted but worth a word
/// @param file     the file that was read, null when there is none
public record Configuration(
        Settings settings,
        List<Setting> all,
        List<Problem> warnings,
        @Nullable Path file) {
    /// Where the file is when nobody says otherwise, relative to the folder of metdc.
    public static final Path USUAL_FILE = Path.of("config", "config.yaml");

    /// Variables that the launcher uses and that are no settings.
    private static final Set<String> LAUNCHER =
            Set.of("METDC_HOME", "METDC_JAVA_OPTS", "METDC_NO_BUILD", "METDC_ADDRESS_FILE");

    private static final String VARIABLE_PREFIX = "METDC_";
    private static final String TEST_PREFIX = "METDC_TEST_";

    public Configuration {
        all = List.copyOf(all);
        warnings = List.copyOf(warnings);
    }

    /// Where values come from. Relative paths in the configuration start at `home`, or at
    /// `workingDirectory` without it.
    ///
    /// @param file        as the user named it; null for [#USUAL_FILE], if there is one
    /// @param options     in the order of the command line: of two with one key the last counts
    /// @param environment the process's
    /// @param home        the folder of metdc; null if unknown
    public record Sources(
            @Nullable Path file,
            List<Option> options,
            Map<String, String> environment,
            @Nullable Path home,
            Path workingDirectory) {
        public Sources {
            options = List.copyOf(options);
            environment = Map.copyOf(environment);
        }

        Path base() {
            return home == null ? workingDirectory : home;
        }
    }

    /// A setting given on the command line.
    ///
    /// @param option     how: `--set`
    /// @param assignment `storage.retention=24h`
    public record Option(String option, String assignment) {
        @Override
        public String toString() {
            return option; // the value may be a secret
        }
    }

    /// Reads and checks everything.
    ///
    /// @param connectors what this version can collect; they know the default addresses
    /// @throws InvalidConfiguration with all that is wrong
    public static Configuration load(Sources sources, Collection<? extends Connector> connectors)
            throws InvalidConfiguration {
        SortedMap<Market, Connector> byMarket = new TreeMap<>();
        connectors.forEach(connector -> byMarket.put(connector.market(), connector));
        KnownKeys known = knownKeys(sources, byMarket);

        List<Problem> problems = new ArrayList<>();
        List<Problem> warnings = new ArrayList<>();
        Map<String, Given> given = new LinkedHashMap<>();
        Path file = file(sources);
        if (file != null) {
            given.putAll(YamlFile.read(file, shown(file, sources), known, problems));
        }
        given.putAll(environment(sources.environment(), known, warnings));
        given.putAll(commandLine(sources.options(), known, problems));

        Reading reading = new Reading(given, sources.base(), folder(file, sources));
        Settings settings = Settings.read(reading, byMarket);
        problems.addAll(reading.problems);
        if (!problems.isEmpty()) {
            throw new InvalidConfiguration(inOrder(problems));
        }
        warnings.addAll(reading.warnings);
        return new Configuration(settings, reading.settings, warnings, file);
    }

    private static KnownKeys knownKeys(Sources sources, Map<Market, Connector> connectors) {
        Reading reading = new Reading(Map.of(), sources.base(), sources.base());
        Settings _ = Settings.read(reading, connectors);
        return new KnownKeys(reading.declared);
    }

    private static @Nullable Path file(Sources sources) {
        Path named = sources.file();
        if (named != null) {
            return sources.workingDirectory().resolve(named);
        }
        Path usual = sources.base().resolve(USUAL_FILE);
        return Files.exists(usual) ? usual : null;
    }

    /// Where the configuration is; where it would be, if there is none.
    private static Path folder(@Nullable Path file, Sources sources) {
        Path folder = (file == null ? sources.base().resolve(USUAL_FILE) : file)
                .toAbsolutePath()
                .getParent();
        return folder == null ? sources.base() : folder;
    }

    private static String shown(Path file, Sources sources) {
        return file.startsWith(sources.workingDirectory())
                ? sources.workingDirectory().relativize(file).toString()
                : file.toString();
    }

    private static Map<String, Given> environment(
            Map<String, String> environment, KnownKeys known, List<Problem> warnings) {
        Map<String, String> keys = new HashMap<>();
        known.keys().forEach(key -> keys.put(Setting.variable(key), key));
        Map<String, Given> given = new LinkedHashMap<>();
        for (Map.Entry<String, String> entry : new TreeMap<>(environment).entrySet()) {
            String variable = entry.getKey();
            String key = keys.get(variable);
            if (key != null) {
                if (!entry.getValue().isEmpty()) { // compose files pass on what is unset as empty
                    given.put(key, given(known, key, entry.getValue(), new ValueOrigin.Environment(variable)));
                }
            } else if (variable.startsWith(VARIABLE_PREFIX)
                    && !variable.startsWith(TEST_PREFIX)
                    && !LAUNCHER.contains(variable)) {
                String similar = keys.keySet().stream()
                        .filter(other -> KnownKeys.distance(variable, other) <= 2)
                        .sorted()
                        .findFirst()
                        .map(other -> "; did you mean " + other + "?")
                        .orElse("");
                warnings.add(new Problem(variable, "is the variable of no setting" + similar));
            }
        }
        return given;
    }

    private static Map<String, Given> commandLine(List<Option> options, KnownKeys known, List<Problem> problems) {
        Map<String, Given> given = new LinkedHashMap<>();
        for (Option option : options) {
            int equals = option.assignment().indexOf('=');
            if (equals <= 0) {
                problems.add(
                        new Problem(option.option(), "is to be followed by key=value, such as storage.retention=24h"));
                continue;
            }
            String key = option.assignment().substring(0, equals).strip();
            String wrong = known.wrong(key);
            if (wrong != null) {
                problems.add(new Problem(option.option(), wrong));
            } else {
                String value = option.assignment().substring(equals + 1).strip();
                given.put(key, given(known, key, value, new ValueOrigin.CommandLine(option.option())));
            }
        }
        return given;
    }

    /// Outside of the file lists are written `BTC,ETH` and pairs `BTT=BTTC,LUNA=LUNC`.
    private static Given given(KnownKeys known, String key, String text, ValueOrigin origin) {
        Shape shape = known.shape(key);
        Given.Value value = switch (shape == null ? Shape.SCALAR : shape) {
            case SCALAR -> text.isEmpty() ? new Nothing() : new Scalar(text);
            case ITEMS ->
                new Items(split(text).stream()
                        .map(item -> new Given(new Scalar(item), origin))
                        .toList());
            case ROWS ->
                new Rows(split(text).stream()
                        .map(item -> new Row(item, Map.of(), origin))
                        .toList());
            case ROWS_BY_NAME ->
                new Rows(split(text).stream().map(pair -> pair(pair, origin)).toList());
        };
        return new Given(value, origin);
    }

    private static Row pair(String pair, ValueOrigin origin) {
        int equals = pair.indexOf('=');
        return equals < 0
                ? new Row(pair, Map.of(), origin)
                : new Row(
                        pair.substring(0, equals),
                        Map.of(Row.NAME, new Given(new Scalar(pair.substring(equals + 1)), origin)),
                        origin);
    }

    private static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        if (text.isEmpty()) {
            return parts;
        }
        for (String part : text.split(",", -1)) {
            parts.add(part.strip());
        }
        return parts;
    }

    /// Lines of the file in their order; the rest after them, as found.
    private static List<Problem> inOrder(List<Problem> problems) {
        List<Problem> sorted = new ArrayList<>(problems);
        sorted.sort(Comparator.comparingInt(problem -> {
            int colon = problem.where().lastIndexOf(':');
            try {
                return Integer.parseInt(problem.where().substring(colon + 1));
            } catch (NumberFormatException e) {
                return Integer.MAX_VALUE;
            }
        }));
        return sorted;
    }
}
