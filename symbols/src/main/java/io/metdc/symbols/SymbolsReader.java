package io.metdc.symbols;

import io.metdc.market.MarketType;
import io.metdc.symbols.SymbolsFile.Entry;
import io.metdc.symbols.SymbolsFile.ExchangeSection;
import io.metdc.symbols.SymbolsFile.KrwSection;
import io.metdc.symbols.SymbolsFile.MarketSection;
import io.metdc.symbols.SymbolsFile.Terms;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// Reads a [SymbolsFile]. The file is only taken apart, never turned into objects; every scalar counts as it is
/// written, so that a coin called ON is one. Keys that nobody knows are passed over.
final class SymbolsReader {
    private static final int LARGEST = 32 << 20;
    private static final Pattern VERSION = Pattern.compile("([0-9]{1,9})(\\.[0-9]+)*");

    /// The ancestor's lengths of time: `30s`, `1m30s`, `500ms`.
    private static final Pattern DURATION_PART = Pattern.compile("\\G([0-9]+(?:\\.[0-9]+)?)(ns|us|µs|ms|s|m|h)");

    private static final Map<String, Long> NANOS = Map.of(
            "ns", 1L,
            "us", 1_000L,
            "µs", 1_000L,
            "ms", 1_000_000L,
            "s", 1_000_000_000L,
            "m", 60_000_000_000L,
            "h", 3_600_000_000_000L);

    private final Path file;

    SymbolsReader(Path file) {
        this.file = file;
    }

    SymbolsFile read() throws IOException, InvalidSymbolsFile {
        if (Files.size(file) > LARGEST) {
            throw new InvalidSymbolsFile(file, 0, "is larger than any list of symbols");
        }
        Map<String, Node> root = fields(compose());
        requireVersion(root.get("version"));
        Instant updatedAt = value(root, "updated_at", SymbolsReader::instant);
        NavigableMap<String, ExchangeSection> exchanges = new TreeMap<>();
        for (Map.Entry<String, Node> exchange : fields(root.get("exchanges")).entrySet()) {
            exchanges.put(exchange.getKey(), exchange(fields(exchange.getValue())));
        }
        return new SymbolsFile(updatedAt == null ? Instant.EPOCH : updatedAt, krw(root), exchanges);
    }

    private Node compose() throws IOException, InvalidSymbolsFile {
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(LARGEST);
        try {
            Node root = new Yaml(options).compose(new StringReader(Files.readString(file)));
            if (root == null) {
                throw new InvalidSymbolsFile(file, 0, "is empty");
            }
            return root;
        } catch (CharacterCodingException e) {
            throw new InvalidSymbolsFile(file, 0, "is no UTF-8 text");
        } catch (MarkedYAMLException e) {
            Mark mark = e.getProblemMark();
            throw new InvalidSymbolsFile(file, mark == null ? 0 : mark.getLine() + 1, "is no YAML: " + e.getProblem());
        } catch (YAMLException e) {
            String what = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new InvalidSymbolsFile(file, 0, "is no YAML: " + what);
        }
    }

    /// The ancestor counted to 2.
    private void requireVersion(@Nullable Node node) throws InvalidSymbolsFile {
        if (node == null) {
            throw new InvalidSymbolsFile(file, 0, "has no version, so it is no file of symbols");
        }
        String version = text(node);
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.matches()) {
            throw wrong(node, "version '" + version + "' is none");
        }
        int ours = Integer.parseInt(SymbolsWriter.VERSION.substring(0, SymbolsWriter.VERSION.indexOf('.')));
        if (Integer.parseInt(matcher.group(1)) > ours) {
            throw wrong(
                    node,
                    "version " + version + " was written by a newer metdc, this one knows " + SymbolsWriter.VERSION);
        }
    }

    private @Nullable KrwSection krw(Map<String, Node> root) throws InvalidSymbolsFile {
        Map<String, Node> summary = fields(root.get("upbit_krw"));
        if (root.get("upbit_krw_symbols") == null) {
            return null;
        }
        NavigableSet<String> coins = new TreeSet<>(names(root.get("upbit_krw_symbols")));
        return new KrwSection(
                value(summary, "source", Function.identity()),
                value(summary, "taken_at", SymbolsReader::instant),
                number(summary, "offered"),
                value(summary, "trouble", Function.identity()),
                coins);
    }

    private ExchangeSection exchange(Map<String, Node> fields) throws InvalidSymbolsFile {
        NavigableMap<MarketType, MarketSection> markets = new TreeMap<>();
        int perConnection = number(fields, "max_symbols_per_connection");
        for (MarketType type : MarketType.values()) {
            String endpoint = value(fields, type.id() + "_endpoint", Function.identity());
            Node symbols = fields.get(type.id() + "_symbols");
            if (symbols != null) {
                markets.put(type, market(endpoint, perConnection, names(symbols), fields(fields.get(type.id()))));
            }
        }
        return new ExchangeSection(
                value(fields, "retry_cooldown", SymbolsReader::duration), number(fields, "max_retries"), markets);
    }

    private MarketSection market(
            @Nullable String endpoint, int perConnection, List<String> symbols, Map<String, Node> fields)
            throws InvalidSymbolsFile {
        Map<String, Node> instruments = fields(fields.get("instruments"));
        List<Entry> entries = new ArrayList<>();
        for (String symbol : symbols) {
            entries.add(new Entry(symbol, terms(instruments.get(symbol))));
        }
        int own = number(fields, "max_symbols_per_connection");
        return new MarketSection(
                endpoint,
                own == 0 ? perConnection : own,
                value(fields, "source", Function.identity()),
                value(fields, "taken_at", SymbolsReader::instant),
                value(fields, "trouble", Function.identity()),
                number(fields, "offered"),
                entries);
    }

    private @Nullable Terms terms(@Nullable Node node) throws InvalidSymbolsFile {
        if (node == null) {
            return null;
        }
        Map<String, Node> fields = fields(node);
        String base = value(fields, "base", Function.identity());
        BigDecimal multiplier = value(fields, "multiplier", BigDecimal::new);
        BigDecimal contractSize = value(fields, "contract_size", BigDecimal::new);
        UpbitMark mark = value(fields, "upbit_krw", text -> UpbitMark.valueOf(text.toUpperCase(Locale.ROOT)));
        if (base == null || multiplier == null || contractSize == null || mark == null) {
            throw wrong(node, "an instrument has base, multiplier, contract_size and upbit_krw");
        }
        return new Terms(base, multiplier, contractSize, mark);
    }

    // ---- nodes

    /// Empty where there is nothing.
    private Map<String, Node> fields(@Nullable Node node) throws InvalidSymbolsFile {
        Map<String, Node> fields = new LinkedHashMap<>();
        if (node == null || isNull(node)) {
            return fields;
        }
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(node, "keys and values belong here");
        }
        for (NodeTuple tuple : mapping.getValue()) {
            String key = text(tuple.getKeyNode());
            if (fields.put(key, tuple.getValueNode()) != null) {
                throw wrong(tuple.getKeyNode(), "'" + key + "' stands here twice");
            }
        }
        fields.values().removeIf(SymbolsReader::isNull);
        return fields;
    }

    private List<String> names(@Nullable Node node) throws InvalidSymbolsFile {
        if (node == null) {
            return List.of();
        }
        if (!(node instanceof SequenceNode sequence)) {
            throw wrong(node, "a list of names belongs here");
        }
        List<String> names = new ArrayList<>();
        for (Node name : sequence.getValue()) {
            names.add(text(name));
        }
        return names;
    }

    private int number(Map<String, Node> fields, String key) throws InvalidSymbolsFile {
        Integer number = value(fields, key, Integer::valueOf);
        if (number != null && number < 0) {
            throw wrong(fields.get(key), key + " is less than 0");
        }
        return number == null ? 0 : number;
    }

    private <T> @Nullable T value(Map<String, Node> fields, String key, Function<String, T> parser)
            throws InvalidSymbolsFile {
        Node node = fields.get(key);
        if (node == null) {
            return null;
        }
        String text = text(node);
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException | DateTimeException | ArithmeticException e) {
            throw wrong(node, key + " '" + text + "' is no such value");
        }
    }

    private String text(Node node) throws InvalidSymbolsFile {
        if (node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw wrong(node, "one word belongs here");
    }

    private static boolean isNull(Node node) {
        return node instanceof ScalarNode && Tag.NULL.equals(node.getTag());
    }

    private static Instant instant(String text) {
        return OffsetDateTime.parse(text).toInstant();
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION_PART.matcher(text);
        BigDecimal nanos = BigDecimal.ZERO;
        int end = 0;
        while (matcher.find()) {
            BigDecimal unit = BigDecimal.valueOf(NANOS.getOrDefault(matcher.group(2), 0L));
            nanos = nanos.add(unit.multiply(new BigDecimal(matcher.group(1))));
            end = matcher.end();
        }
        if (end == 0 || end != text.length()) {
            throw new IllegalArgumentException(text);
        }
        return Duration.ofNanos(nanos.longValueExact());
    }

    private InvalidSymbolsFile wrong(@Nullable Node node, String what) {
        return new InvalidSymbolsFile(
                file, node == null ? 0 : node.getStartMark().getLine() + 1, what);
    }
}
