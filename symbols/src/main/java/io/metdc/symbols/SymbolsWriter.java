package io.metdc.symbols;

import io.metdc.market.MarketType;
import io.metdc.symbols.SymbolsFile.Entry;
import io.metdc.symbols.SymbolsFile.ExchangeSection;
import io.metdc.symbols.SymbolsFile.KrwSection;
import io.metdc.symbols.SymbolsFile.MarketSection;
import io.metdc.symbols.SymbolsFile.Terms;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/// Writes a [SymbolsFile] as YAML. Names are marked as text, so that one like `ON`, `1E5` or `NULL` is quoted.
final class SymbolsWriter {
    static final String VERSION = "3.0";

    private static final String HEAD = """
            # Which instruments are collected. Written by metdc, which replaces it at each refresh: what is to be
            # collected is set in config.yaml, under symbols.
            """;

    private static final Resolver TYPES = new Resolver();

    private SymbolsWriter() {}

    static String text(SymbolsFile file) {
        Fields root = new Fields();
        root.text("version", VERSION);
        root.plain("updated_at", file.updatedAt());
        KrwSection krw = file.krw();
        if (krw != null) {
            root.put("upbit_krw", summary(krw).block());
            root.put("upbit_krw_symbols", names(krw.coins()));
        }
        Fields exchanges = new Fields();
        file.exchanges()
                .forEach((name, exchange) ->
                        exchanges.put(name, exchange(exchange).block()));
        root.put("exchanges", exchanges.block());
        DumperOptions options = new DumperOptions();
        options.setAllowUnicode(true);
        options.setWidth(1000); // an instrument is one line
        StringWriter text = new StringWriter().append(HEAD);
        new Yaml(options).serialize(root.block(), text);
        return text.toString();
    }

    private static Fields summary(KrwSection krw) {
        Fields fields = new Fields();
        fields.text("source", krw.source());
        fields.plain("taken_at", krw.takenAt());
        fields.plain("offered", krw.offered());
        fields.plain("count", krw.coins().size());
        fields.text("trouble", krw.trouble());
        return fields;
    }

    private static Fields exchange(ExchangeSection exchange) {
        Fields fields = new Fields();
        exchange.markets().forEach((type, market) -> fields.text(type.id() + "_endpoint", market.endpoint()));
        exchange.markets().values().stream()
                .mapToInt(MarketSection::perConnection)
                .filter(count -> count > 0)
                .min()
                .ifPresent(count -> fields.plain("max_symbols_per_connection", count));
        if (exchange.retryCooldown() != null) {
            long millis = exchange.retryCooldown().toMillis();
            fields.plain("retry_cooldown", millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms");
        }
        fields.plain("max_retries", exchange.maxRetries());
        for (Map.Entry<MarketType, MarketSection> market : exchange.markets().entrySet()) {
            List<Entry> instruments = market.getValue().instruments();
            fields.put(
                    market.getKey().id() + "_symbols",
                    names(instruments.stream().map(Entry::symbol).toList()));
        }
        exchange.markets()
                .forEach((type, market) -> fields.put(type.id(), market(market).block()));
        return fields;
    }

    private static Fields market(MarketSection market) {
        Fields fields = new Fields();
        fields.plain("max_symbols_per_connection", market.perConnection());
        fields.text("source", market.source());
        fields.plain("taken_at", market.takenAt());
        fields.text("trouble", market.trouble());
        fields.plain("offered", market.offered());
        fields.plain("collected", market.instruments().size());
        Fields instruments = new Fields();
        for (Entry entry : market.instruments()) {
            Terms terms = entry.terms();
            if (terms != null) {
                instruments.put(entry.symbol(), terms(terms).flow());
            }
        }
        fields.put("instruments", instruments.block());
        return fields;
    }

    private static Fields terms(Terms terms) {
        Fields fields = new Fields();
        fields.text("base", terms.base());
        fields.plain("multiplier", terms.multiplier().toPlainString());
        fields.plain("contract_size", terms.contractSize().toPlainString());
        fields.plain("upbit_krw", terms.mark());
        return fields;
    }

    private static Node names(Collection<String> names) {
        List<Node> nodes = new ArrayList<>();
        names.forEach(name -> nodes.add(scalar(name)));
        return new SequenceNode(Tag.SEQ, nodes, nodes.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
    }

    private static Node scalar(String text) {
        return new ScalarNode(Tag.STR, text, null, null, ScalarStyle.PLAIN);
    }

    /// The keys and values of one section, in the order in which they are put.
    private static final class Fields {
        private final List<NodeTuple> tuples = new ArrayList<>();

        void put(String key, Node value) {
            tuples.add(new NodeTuple(scalar(key), value));
        }

        /// Left out if it is null.
        void text(String key, @Nullable String value) {
            if (value != null) {
                put(key, scalar(value));
            }
        }

        /// A number, a time or a word: what is never quoted. Left out if it is null.
        void plain(String key, @Nullable Object value) {
            if (value != null) {
                Tag tag = TYPES.resolve(NodeId.scalar, value.toString(), true);
                put(key, new ScalarNode(tag, value.toString(), null, null, ScalarStyle.PLAIN));
            }
        }

        Node block() {
            return new MappingNode(Tag.MAP, tuples, tuples.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
        }

        Node flow() {
            return new MappingNode(Tag.MAP, tuples, FlowStyle.FLOW);
        }
    }
}
