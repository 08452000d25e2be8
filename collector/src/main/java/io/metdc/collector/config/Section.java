package io.metdc.collector.config;

import io.metdc.collector.config.Given.Items;
import io.metdc.collector.config.Given.Nothing;
import io.metdc.collector.config.Given.Rows;
import io.metdc.collector.config.Given.Scalar;
import io.metdc.collector.config.Given.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One section of the configuration. Reading a setting declares it, so the settings that exist are those
/// that are read.
///
/// A value that does not fit is noted as a problem and the default is returned in its place, so that
/// everything wrong is found in one go; nobody gets to use the result then.
final class Section {
    private static final long LARGEST_SECRET = 64 * 1024;

    private final Reading reading;
    private final String prefix;
    private final boolean effective;

    Section(Reading reading, String prefix, boolean effective) {
        this.reading = reading;
        this.prefix = prefix;
        this.effective = effective;
    }

    Section section(String name) {
        return new Section(reading, prefix + name + ".", effective);
    }

    /// The same section; what is read through it is accepted, but does nothing in this version.
    Section withoutEffect() {
        return new Section(reading, prefix, false);
    }

    /// Whether somebody set it, rather than the default.
    boolean isSet(String name) {
        return reading.given.containsKey(prefix + name);
    }

    boolean flag(String name, boolean fallback) {
        return scalar(name, fallback, String::valueOf, text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Refusal("is not true or false");
        });
    }

    int number(String name, int fallback, int least, int most) {
        return scalar(name, fallback, String::valueOf, text -> number(text, least, most));
    }

    private static int number(String text, int least, int most) {
        long number;
        try {
            number = Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new Refusal("is not a whole number");
        }
        if (number < least || number > most) {
            throw new Refusal("is not between " + least + " and " + most);
        }
        return (int) number;
    }

    Duration duration(String name, Duration fallback, Duration least, Duration most) {
        return scalar(name, fallback, Amounts::text, text -> {
            Duration duration = Amounts.duration(text);
            if (duration == null) {
                throw new Refusal("is not a length of time such as 500ms, 10s, 30m, 24h or 7d");
            }
            if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                throw new Refusal("is not between " + Amounts.text(least) + " and " + Amounts.text(most));
            }
            return duration;
        });
    }

    /// A size in bytes.
    long size(String name, long fallback, long least) {
        return scalar(name, fallback, Amounts::text, text -> bytes(text, least));
    }

    /// A size in bytes.
    @Nullable
    Long optionalSize(String name, long least) {
        return optional(name, Amounts::text, text -> bytes(text, least));
    }

    private static long bytes(String text, long least) {
        long bytes = Amounts.bytes(text);
        if (bytes < 0) {
            throw new Refusal("is not a size such as 512MB, 20GB or 1GiB");
        }
        if (bytes < least) {
            throw new Refusal("is less than " + Amounts.text(least));
        }
        return bytes;
    }

    String text(String name, String fallback) {
        return scalar(name, fallback, text -> text, Section::line);
    }

    /// A path; a relative one is relative to the folder of metdc.
    Path path(String name, Path fallback) {
        return reading.base.resolve(scalar(name, fallback, Path::toString, Section::path));
    }

    @Nullable
    Path optionalPath(String name) {
        Path path = optional(name, Path::toString, Section::path);
        return path == null ? null : reading.base.resolve(path);
    }

    private static Path path(String text) {
        try {
            return Path.of(line(text));
        } catch (InvalidPathException e) {
            throw new Refusal("is not a path");
        }
    }

    /// An address with a host.
    ///
    /// @param schemes those allowed, the one to show in examples first
    URI address(String name, URI fallback, String... schemes) {
        return scalar(name, fallback, URI::toString, text -> address(text, schemes));
    }

    @Nullable
    URI optionalAddress(String name, String... schemes) {
        return optional(name, URI::toString, text -> address(text, schemes));
    }

    private static URI address(String text, String... schemes) {
        String expected = "is not an address such as " + schemes[0] + "://host:1234";
        URI address;
        try {
            address = new URI(text);
        } catch (URISyntaxException e) {
            throw new Refusal(expected);
        }
        String scheme = address.getScheme();
        if (scheme == null
                || !Arrays.asList(schemes).contains(scheme.toLowerCase(Locale.ROOT))
                || address.getHost() == null) {
            throw new Refusal(expected);
        }
        if (address.getUserInfo() != null) {
            throw new Refusal("carries a user name or password, which an address must not");
        }
        return address;
    }

    /// The address of a PostgreSQL database.
    @Nullable
    DatabaseUrl optionalDatabase(String name) {
        DatabaseUrl database = optional(name, DatabaseUrl::url, text -> {
            DatabaseUrl url = DatabaseUrl.parse(line(text));
            if (url == null) {
                throw new Refusal("is not the address of a database such as jdbc:postgresql://host:5432/metdc");
            }
            return url;
        });
        if (database != null && database.password() != null) {
            warn(name, "carries a password; " + safer(prefix + "password"));
        }
        return database;
    }

    @Nullable
    InetAddress optionalInetAddress(String name) {
        return optional(name, InetAddress::getHostAddress, text -> {
            try {
                return InetAddress.ofLiteral(text);
            } catch (IllegalArgumentException e) {
                throw new Refusal("is not an IP address");
            }
        });
    }

    <E extends Enum<E>> E choice(String name, E fallback) {
        return scalar(name, fallback, Section::id, text -> constant(fallback.getDeclaringClass(), text));
    }

    /// One of the values by its name, in the order in which an error lists the names.
    <T> @Nullable T optionalOneOf(String name, Map<String, T> values) {
        return optional(name, value -> keyOf(values, value), text -> {
            T value = values.get(text);
            if (value == null) {
                throw new Refusal("is none of " + String.join(", ", values.keySet()));
            }
            return value;
        });
    }

    private static <T> String keyOf(Map<String, T> values, T value) {
        return values.entrySet().stream()
                .filter(entry -> value.equals(entry.getValue()))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private static <E extends Enum<E>> E constant(Class<E> type, String text) {
        for (E constant : type.getEnumConstants()) {
            if (id(constant).equalsIgnoreCase(text)) {
                return constant;
            }
        }
        throw new Refusal("is none of "
                + Arrays.stream(type.getEnumConstants()).map(Section::id).collect(Collectors.joining(", ")));
    }

    private static String id(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /// A list of names.
    ///
    /// @param parser may throw [IllegalArgumentException], whose message goes on from the name
    <T> List<T> items(String name, List<T> fallback, Function<String, T> parser) {
        return value(name, Shape.ITEMS, fallback, Section::shown, given -> {
            if (!(given.value() instanceof Items(List<Given> items))) {
                throw new Refusal("is not a list such as [BTC, ETH]");
            }
            return items.stream().map(item -> item(item, parser)).toList();
        });
    }

    private static <T> T item(Given given, Function<String, T> parser) {
        String text = name(given.text(), given.origin());
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new Refusal("'" + text + "' " + e.getMessage(), given.origin());
        }
    }

    private static String shown(List<?> items) {
        return items.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    }

    /// A table that is kept by hand, empty by default.
    ///
    /// @param parser may throw [IllegalArgumentException]
    <T> List<T> rows(
            String name, Shape shape, String example, Function<Row, T> parser, Function<List<T>, String> shown) {
        return value(name, shape, List.of(), shown, given -> {
            if (!(given.value() instanceof Rows(List<Row> rows))) {
                throw new Refusal("is not a list such as " + example);
            }
            List<T> read = new ArrayList<>();
            for (Row row : rows) {
                try {
                    name(row.key(), row.origin());
                    row.check();
                    read.add(parser.apply(row));
                } catch (Refusal refusal) {
                    refuse(refusal.origin(row.origin()), name, row, refusal.getMessage());
                } catch (IllegalArgumentException e) {
                    refuse(row.origin(), name, row, String.valueOf(e.getMessage()));
                }
            }
            return List.copyOf(read);
        });
    }

    private void refuse(ValueOrigin origin, String name, Row row, String what) {
        reading.problems.add(
                new Problem(origin.toString(), prefix + name + ": " + abbreviated(row.key()) + ": " + what));
    }

    static String name(String text, ValueOrigin origin) {
        if (text.isEmpty()
                || text.length() > 64
                || text.chars().anyMatch(c -> c <= ' ' || Character.isWhitespace(c) || c == ',' || c == '=')) {
            throw new Refusal("holds '" + abbreviated(text) + "', which is no name", origin);
        }
        return text;
    }

    /// A secret, given by `name` or by the file that `name_file` names; the one of higher precedence
    /// counts.
    @Nullable
    Secret secret(String name) {
        String key = prefix + name;
        Given direct = valued(key);
        Secret secret = optional(name, hidden -> Secret.HIDDEN, text -> new Secret(line(text)));
        Path file = optionalPath(name + "_file");
        Given indirect = valued(key + "_file");
        if (direct != null
                && indirect != null
                && direct.origin().rank() == indirect.origin().rank()) {
            reading.problems.add(new Problem(
                    indirect.origin().toString(), key + " and " + key + "_file are both set; leave one of them out"));
            return secret;
        }
        if (secret != null
                && direct != null
                && (indirect == null
                        || direct.origin().rank() > indirect.origin().rank())) {
            switch (direct.origin()) {
                case ValueOrigin.InFile _ -> warn(direct, key + " stands in the configuration itself; " + safer(key));
                case ValueOrigin.CommandLine _ ->
                    warn(direct, key + " is visible in the list of processes; " + safer(key));
                case ValueOrigin.Environment _, ValueOrigin.Default _ -> {}
            }
            return secret;
        }
        return file == null || indirect == null ? secret : secretIn(file, key + "_file", indirect);
    }

    private @Nullable Given valued(String key) {
        Given given = reading.given.get(key);
        return given == null || given.value() instanceof Nothing ? null : given;
    }

    /// Notes what is accepted but worth a word.
    void warn(String name, String what) {
        reading.warnings.add(new Problem(origin(name).toString(), prefix + name + ": " + what));
    }

    private static String safer(String key) {
        return key + "_file or the environment variable " + Setting.variable(key) + " keeps it to yourself";
    }

    private void warn(Given given, String what) {
        reading.warnings.add(new Problem(given.origin().toString(), what));
    }

    private @Nullable Secret secretIn(Path file, String key, Given given) {
        String what;
        try {
            if (Files.isRegularFile(file) && Files.size(file) > LARGEST_SECRET) {
                what = "is larger than any password";
            } else {
                String text = Files.readString(file, StandardCharsets.UTF_8).strip();
                if (!text.isEmpty()) {
                    return new Secret(text);
                }
                what = "is empty";
            }
        } catch (IOException | UncheckedIOException e) {
            what = Files.exists(file) ? "cannot be read (" + e.getClass().getSimpleName() + ")" : "does not exist";
        }
        reading.problems.add(new Problem(given.origin().toString(), key + ": the file " + file + " " + what));
        return null;
    }

    /// Notes that a setting does not go together with another one.
    void refuse(String name, String what) {
        reading.problems.add(new Problem(origin(name).toString(), prefix + name + " " + what));
    }

    private ValueOrigin origin(String name) {
        Given given = reading.given.get(prefix + name);
        return given == null ? ValueOrigin.Default.INSTANCE : given.origin();
    }

    private <T> T scalar(String name, T fallback, Function<T, String> shown, Function<String, T> parser) {
        return value(name, Shape.SCALAR, fallback, shown, given -> parser.apply(given.text()));
    }

    private <T> @Nullable T optional(String name, Function<T, String> shown, Function<String, T> parser) {
        Given given = reading.given.get(prefix + name);
        if (given == null || given.value() instanceof Nothing) {
            declare(name, Shape.SCALAR, "", ValueOrigin.Default.INSTANCE);
            return null;
        }
        try {
            T value = parser.apply(given.text());
            declare(name, Shape.SCALAR, shown.apply(value), given.origin());
            return value;
        } catch (Refusal refusal) {
            declare(name, Shape.SCALAR, "", given.origin());
            refused(name, given, refusal);
            return null;
        }
    }

    private <T> T value(String name, Shape shape, T fallback, Function<T, String> shown, Function<Given, T> parser) {
        Given given = reading.given.get(prefix + name);
        if (given != null) {
            try {
                if (given.value() instanceof Nothing) {
                    throw new Refusal("has no value; leave the key out for its default, " + shown.apply(fallback));
                }
                T value = parser.apply(given);
                declare(name, shape, shown.apply(value), given.origin());
                return value;
            } catch (Refusal refusal) {
                refused(name, given, refusal);
            }
        }
        declare(name, shape, shown.apply(fallback), ValueOrigin.Default.INSTANCE);
        return fallback;
    }

    /// One line of text that is not empty.
    private static String line(String text) {
        if (text.isBlank()) {
            throw new Refusal("is empty");
        }
        if (text.chars().anyMatch(c -> c < ' ')) {
            throw new Refusal("holds a line break or another control character");
        }
        return text;
    }

    private void declare(String name, Shape shape, String shown, ValueOrigin origin) {
        reading.declared.put(prefix + name, shape);
        reading.settings.add(new Setting(prefix + name, shown, origin, effective));
    }

    /// The value is repeated, unless that could show a secret.
    private void refused(String name, Given given, Refusal refusal) {
        String value = given.value() instanceof Scalar(String text) && !text.isBlank() && !isSecret(name)
                ? " '" + abbreviated(Secret.masked(text)) + "'"
                : "";
        reading.problems.add(new Problem(
                refusal.origin(given.origin()).toString(), prefix + name + ":" + value + " " + refusal.getMessage()));
    }

    private static boolean isSecret(String name) {
        return name.endsWith("password") || name.endsWith("_key") || name.equals("webhook_url");
    }

    private static String abbreviated(String text) {
        String oneLine = text.replaceAll("[\\p{Cntrl}]+", " ");
        return oneLine.length() <= 80 ? oneLine : oneLine.substring(0, 77) + "…";
    }
}
