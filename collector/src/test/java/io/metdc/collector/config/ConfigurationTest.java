package io.metdc.collector.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.metdc.connectors.Connector;
import io.metdc.connectors.Connectors;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.symbols.Aliases;
import io.metdc.symbols.Aliases.Alias;
import io.metdc.symbols.DateRange;
import io.metdc.symbols.Filter;
import io.metdc.symbols.Filter.Denial;
import io.metdc.symbols.Selector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationTest {
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);
    private static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);
    private static final List<Connector> CONNECTORS = Connectors.all();

    @TempDir
    Path home;

    private final Map<String, String> environment = new LinkedHashMap<>();

    @Test
    void these_are_all_the_defaults() throws Exception {
        StringBuilder found = new StringBuilder();
        for (Setting setting : load("").all()) {
            assertThat(setting.origin()).isEqualTo(ValueOrigin.Default.INSTANCE);
            if (!setting.key().startsWith("exchanges.") || setting.key().startsWith("exchanges.binance")) {
                found.append(setting.key())
                        .append(": ")
                        .append(setting.shown())
                        .append(setting.effective() ? "\n" : " (no effect)\n");
            }
        }
        assertThat(found.toString()).isEqualToIgnoringNewLines("""
                data_directory: data
                exchanges.binance.enabled: true
                exchanges.binance.spot.enabled: true
                exchanges.binance.spot.websocket_url: wss://stream.binance.com:9443
                exchanges.binance.spot.rest_url: https://api.binance.com
                exchanges.binance.spot.max_symbols_per_connection: 200
                exchanges.binance.spot.connections_per_shard: 1
                exchanges.binance.spot.ca_file:\s
                exchanges.binance.spot.business_url:  (no effect)
                exchanges.binance.spot.time_unit:\s
                exchanges.binance.futures.enabled: true
                exchanges.binance.futures.websocket_url: wss://fstream.binance.com/public/stream
                exchanges.binance.futures.rest_url: https://fapi.binance.com
                exchanges.binance.futures.max_symbols_per_connection: 200
                exchanges.binance.futures.connections_per_shard: 1
                exchanges.binance.futures.ca_file:\s
                exchanges.binance.futures.business_url:  (no effect)
                exchanges.binance.futures.time_unit:\s
                upbit.enabled: true
                upbit.websocket_url: wss://api.upbit.com/websocket/v1
                upbit.rest_url: https://api.upbit.com
                upbit.max_symbols_per_connection: 200
                upbit.connections_per_shard: 1
                upbit.ca_file:\s
                upbit.business_url:  (no effect)
                upbit.time_unit:\s
                upbit.notices_enabled: true
                upbit.notices_url: https://pub-info.upbit.com/api/v1/announcements
                upbit.notices_fallback_url:\s
                upbit.poll_interval: 2s
                upbit.notices_websocket_url: wss://api.upbit.com/websocket/v1/private
                upbit.access_key:\s
                upbit.access_key_file:\s
                upbit.secret_key:\s
                upbit.secret_key_file:\s
                upbit.markets_interval: 5s
                symbols.upbit_krw: both
                symbols.file:\s
                symbols.refresh: 5m
                symbols.include: []
                symbols.exclude: []
                symbols.quotes: [USDT]
                symbols.denied: []
                symbols.aliases: {}
                storage.url:\s
                storage.user: metdc
                storage.password:\s
                storage.password_file:\s
                storage.retention: 7d
                storage.max_disk:\s
                journal.directory:\s
                journal.max_size: 20GiB
                journal.write_interval: 20ms
                journal.force_interval: 200ms
                journal.keep: 1h
                recovery.backoff_first: 1s
                recovery.backoff_max: 30s
                recovery.cooldown: 3m
                recovery.hard_reset: 30m
                recovery.health_interval: 45s
                collection.before: 20s
                collection.after: 20s
                collection.near_before: 1m
                collection.near_after: 2m
                collection.wide_before: 10m
                collection.wide_after: 1h
                collection.open_before: 10m
                collection.open_after: 1h
                collection.keep_before: 1d
                collection.keep_after: 1d
                collection.additions: false
                alerts.webhook_url:\s
                alerts.webhook_url_file:\s
                http.bind: 127.0.0.1
                http.port: 8080
                http.token:\s
                http.token_file:\s
                logging.level: info
                logging.directory: logs
                logging.keep: 30d
                logging.max_size: 1GB
                network.proxy:\s
                network.bind_address:\s
                """);
    }

    @Test
    void the_defaults_reach_the_records() throws Exception {
        Settings settings = load("").settings();

        assertThat(settings.dataDirectory()).isEqualTo(home.resolve("data"));
        assertThat(settings.symbols().file()).isEqualTo(home.resolve("symbols/symbols.yaml"));
        assertThat(settings.symbols().refresh()).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.symbols().filter()).isEqualTo(Filter.DEFAULT);
        assertThat(settings.journal().directory()).isEqualTo(home.resolve("data/journal"));
        assertThat(settings.logging().directory()).isEqualTo(home.resolve("logs"));
        assertThat(settings.storage().isEmbedded()).isTrue();
        assertThat(settings.storage().maxDisk()).isNull();
        assertThat(settings.collected())
                .hasSize(13)
                .extracting(MarketSettings::market)
                .contains(SPOT, FUTURES, KRW);
        assertThat(settings.markets().get(SPOT).websocketUrl()).isEqualTo(URI.create("wss://stream.binance.com:9443"));
        assertThat(settings.markets().get(FUTURES).maxSymbolsPerConnection()).isEqualTo(200);
    }

    @Test
    void more_symbols_on_a_connection_than_the_exchange_allows_are_refused_with_place_and_limit() {
        assertThat(problems("""
                exchanges:
                  binance:
                    futures:
                      max_symbols_per_connection: 1025
                """))
                .containsExactly("config.yaml:4: exchanges.binance.futures.max_symbols_per_connection: '1025' is not"
                        + " between 1 and 1024");
    }

    @Test
    void a_shard_has_one_connection_or_two_on_upbit_too() throws Exception {
        Settings settings = load("""
                exchanges:
                  bybit:
                    spot: {connections_per_shard: 2}
                upbit:
                  connections_per_shard: 2
                """).settings();
        assertThat(settings.markets().values().stream()
                        .filter(market -> market.connectionsPerShard() == 2)
                        .map(MarketSettings::market))
                .containsExactlyInAnyOrder(new Market(Exchange.BYBIT, MarketType.SPOT), KRW);
        assertThat(settings.markets().get(FUTURES).connectionsPerShard()).isEqualTo(1);
        assertThat(problems("upbit: {connections_per_shard: 3}"))
                .containsExactly("config.yaml:1: upbit.connections_per_shard: '3' is not between 1 and 2");
    }

    @Test
    void every_kind_of_value_is_read_from_the_file() throws Exception {
        Settings settings = load("""
                data_directory: /var/lib/metdc
                exchanges:
                  binance:
                    spot:
                      websocket_url: ws://127.0.0.1:9001/stream
                      rest_url: http://127.0.0.1:9002
                      max_symbols_per_connection: 17
                      ca_file: certificates/ca.pem
                      time_unit: microsecond
                    futures: {enabled: false}
                symbols:
                  include: [BTC, 1000SATS]
                  exclude:
                    - DOGEUSDT
                    - binance/futures:SOLUSDT
                  quotes: [usdt]
                  denied:
                    - AAPLX
                    - {name: TSLAX, since: 2025-06-30, exchanges: [gate, bybit]}
                  aliases:
                    BTT: BTTC
                    LIT:
                      - {name: HEI, until: 2025-02-01}
                      - {name: LIT, since: 2026-01-01}
                    BEAM: {name: BEAMX, since: 2023-11-01, until: 2024-05-01, exchanges: [gate]}
                storage:
                  url: postgresql://db:5433/trades
                  password: 123456
                  max_disk: 20GiB
                  retention: 36h
                journal:
                  directory: fast
                logging: {level: DEBUG}
                network:
                  proxy: http://proxy:3128
                  bind_address: 127.0.0.2
                """).settings();

        assertThat(settings.dataDirectory()).isEqualTo(Path.of("/var/lib/metdc"));
        assertThat(settings.collected())
                .extracting(MarketSettings::market)
                .contains(SPOT, KRW)
                .doesNotContain(FUTURES);
        MarketSettings spot = settings.markets().get(SPOT);
        assertThat(spot.websocketUrl()).isEqualTo(URI.create("ws://127.0.0.1:9001/stream"));
        assertThat(spot.restUrl()).isEqualTo(URI.create("http://127.0.0.1:9002"));
        assertThat(spot.maxSymbolsPerConnection()).isEqualTo(17);
        assertThat(spot.caFile()).isEqualTo(home.resolve("certificates/ca.pem"));
        assertThat(spot.timeUnit()).isEqualTo(ChronoUnit.MICROS);
        assertThat(settings.symbols().filter().include())
                .containsExactly(new Selector(null, "BTC"), new Selector(null, "1000SATS"));
        assertThat(settings.symbols().filter().exclude())
                .containsExactly(new Selector(null, "DOGEUSDT"), new Selector(FUTURES, "SOLUSDT"));
        assertThat(settings.symbols().filter().quotes()).containsExactly("USDT");
        assertThat(settings.symbols().filter().denied())
                .containsExactly(
                        new Denial("AAPLX", DateRange.ALWAYS, Set.of()),
                        new Denial(
                                "TSLAX",
                                new DateRange(LocalDate.of(2025, 6, 30), null),
                                Set.of(Exchange.GATE, Exchange.BYBIT)));
        assertThat(settings.symbols().aliases().entries())
                .containsExactly(
                        new Alias("BTT", "BTTC", DateRange.ALWAYS, Set.of()),
                        new Alias("LIT", "HEI", new DateRange(null, LocalDate.of(2025, 2, 1)), Set.of()),
                        new Alias("LIT", "LIT", new DateRange(LocalDate.of(2026, 1, 1), null), Set.of()),
                        new Alias(
                                "BEAM",
                                "BEAMX",
                                new DateRange(LocalDate.of(2023, 11, 1), LocalDate.of(2024, 5, 1)),
                                Set.of(Exchange.GATE)));
        assertThat(settings.storage().url()).isEqualTo("jdbc:postgresql://db:5433/trades");
        assertThat(settings.storage().password().reveal()).isEqualTo("123456");
        assertThat(settings.storage().maxDisk()).isEqualTo(20L << 30);
        assertThat(settings.storage().retention()).isEqualTo(Duration.ofHours(36));
        assertThat(settings.journal().directory()).isEqualTo(home.resolve("fast"));
        assertThat(settings.logging().level()).isEqualTo(LoggingSettings.Level.DEBUG);
        assertThat(settings.network().proxy()).isEqualTo(URI.create("http://proxy:3128"));
        assertThat(settings.network().bindAddress()).isEqualTo(InetAddress.ofLiteral("127.0.0.2"));
    }

    @Test
    void an_exchange_that_is_switched_off_takes_both_its_markets_with_it() throws Exception {
        Configuration configuration = load("exchanges: {binance: {enabled: false}}");
        assertThat(configuration.settings().collected())
                .extracting(market -> market.market().exchange())
                .isNotEmpty()
                .doesNotContain(Exchange.BINANCE);
    }

    @Test
    void a_configuration_that_collects_nothing_is_worth_a_warning() throws Exception {
        Configuration configuration = load("exchanges: {binance: {enabled: false}, bybit: {enabled: false},"
                + " okx: {enabled: false}, kucoin: {enabled: false}, gate: {enabled: false}, phemex: {enabled: false}}\n"
                + "upbit: {enabled: false}");

        assertThat(configuration.settings().collected()).isEmpty();
        assertThat(configuration.warnings())
                .extracting(Problem::what)
                .containsExactly("every market that this version can collect is switched off");
    }

    @Test
    void upbit_has_its_own_section_and_can_be_switched_off() throws Exception {
        MarketSettings settings = load("upbit: {enabled: false, rest_url: 'http://127.0.0.1:9'}")
                .settings()
                .markets()
                .get(KRW);
        assertThat(settings.enabled()).isFalse();
        assertThat(settings.restUrl()).hasToString("http://127.0.0.1:9");
        assertThat(settings.websocketUrl()).hasToString("wss://api.upbit.com/websocket/v1");
    }

    @Test
    void everything_wrong_is_said_at_once_in_the_order_of_the_file() {
        assertThat(problems("""
                storage:
                  retension: 7d
                  retention: soon
                  max_disk: 20 GB
                journal: fast
                exchanges:
                  binance:
                    enabled: yes
                    spott: {enabled: false}
                http:
                  port: 70000
                """, "storage.retention=10m", "nonsense"))
                .containsExactly(
                        "config.yaml:2: there is no setting storage.retension; did you mean storage.retention?",
                        "config.yaml:4: storage.max_disk: '20 GB' is not a size such as 512MB, 20GB or 1GiB",
                        "config.yaml:5: journal is a section: its settings belong on the lines below it, indented",
                        "config.yaml:8: exchanges.binance.enabled: 'yes' is not true or false",
                        "config.yaml:9: there is no setting exchanges.binance.spott; did you mean exchanges.binance.spot?",
                        "config.yaml:11: http.port: '70000' is not between 0 and 65535",
                        "--set: is to be followed by key=value, such as storage.retention=24h",
                        "--set: storage.retention: '10m' is not between 2h and 3650d");
    }

    @ParameterizedTest
    @CsvSource({
        "retention,storage.retention",
        "storage.password_flie,storage.password_file",
        "storage.poll_interval,upbit.poll_interval",
        "storrage,storage",
        "binance,exchanges.binance",
        "exchanges.bianance.enabled,exchanges.binance.enabled",
        "exchanges.binance.spot.webscoket_url,exchanges.binance.spot.websocket_url",
        "exchanges.binance.websocket_url,exchanges.binance.spot.websocket_url",
        "loging.level,logging.level",
        "data-directory,data_directory",
    })
    void a_key_that_does_not_exist_leads_to_the_nearest_one(String wrong, String right) {
        assertThat(problems("", wrong + "=x"))
                .containsExactly("--set: there is no setting " + wrong + "; did you mean " + right + "?");
    }

    @Test
    void a_key_that_resembles_nothing_leads_nowhere() {
        assertThat(problems("", "xyzzy=1")).containsExactly("--set: there is no setting xyzzy");
        assertThat(problems("", "storage=1")).containsExactly("--set: storage is a section, not a setting");
        assertThat(problems("storage.retention: 7d"))
                .containsExactly(
                        "config.yaml:1: storage.retention cannot be written with dots: put retention under storage");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "storage: {retention: 7d, retention: 8d} | config.yaml:1: storage.retention is set twice; first in line 1",
                "storage: [ | config.yaml:1: no valid YAML: expected the node content, but found '<stream end>'",
                "- a | config.yaml:1: a configuration consists of keys and values, such as data_directory: data",
                "just text | config.yaml:1: a configuration consists of keys and values, such as data_directory: data",
                "symbols: {include: BTC} | config.yaml:1: symbols.include: 'BTC' is not a list such as [BTC, ETH]",
                "symbols: {include: [[BTC]]} | config.yaml:1: symbols.include is a list of names, and this is none",
                "symbols: {aliases: [BTC]} | config.yaml:1: symbols.aliases: is not a list such as {BTT: BTTC} or {LIT: {name: HEI, until: 2025-02-01}}",
                "symbols: {aliases: BTC} | config.yaml:1: symbols.aliases: 'BTC' is not a list such as {BTT: BTTC} or {LIT: {name: HEI, until: 2025-02-01}}",
                "symbols: {aliases: {LIT: {until: 2025-02-01}}} | config.yaml:1: symbols.aliases: LIT: has no name",
                "symbols: {aliases: {LIT: {name: HEI, until: 2025-2-1}}} | config.yaml:1: symbols.aliases: LIT: has until '2025-2-1', which is no date such as 2025-02-01",
                "symbols: {aliases: {LIT: {name: HEI, untill: 2025-02-01}}} | config.yaml:1: symbols.aliases: LIT: has 'untill', which is none of name, since, until and exchanges",
                "symbols: {aliases: {LIT: {name: HEI, exchanges: gate}}} | config.yaml:1: symbols.aliases: LIT: has exchanges that are no list of names",
                "symbols: {aliases: {LIT: {name: HEI, exchanges: [mtgox]}}} | config.yaml:1: symbols.aliases: LIT: has exchanges of which 'mtgox' is no exchange",
                "symbols: {aliases: {LIT: {name: HEI, exchanges: [upbit]}}} | config.yaml:1: symbols.aliases: LIT: the alias of LIT is for Upbit, whose name it leads to",
                "symbols: {aliases: {LIT: {name: HEI, since: 2025-02-01, until: 2025-01-01}}} | config.yaml:1: symbols.aliases: LIT: since 2025-02-01 until 2025-01-01 is no day at all",
                "symbols: {aliases: {LIT: }} | config.yaml:1: symbols.aliases holds what is neither a name nor {name: …, since: …}",
                "symbols: {aliases: {LIT: A, LIT: B}} | config.yaml:1: symbols.aliases: LIT stands there twice",
                "symbols: {denied: AAPLX} | config.yaml:1: symbols.denied: 'AAPLX' is not a list such as [AAPLX, {name: TSLAX, since: 2025-06-30}]",
                "symbols: {denied: {AAPLX: 2025-06-30}} | config.yaml:1: symbols.denied: is not a list such as [AAPLX, {name: TSLAX, since: 2025-06-30}]",
                "symbols: {denied: [{since: 2025-06-30}]} | config.yaml:1: symbols.denied has an entry without a name",
                "symbols: {exclude: ['gate/margin:BTC_USDT']} | config.yaml:1: symbols.exclude: 'gate/margin:BTC_USDT' names the market 'gate/margin', which is none: it is written exchange/spot or exchange/futures",
                "symbols: {quotes: [USDC]} | config.yaml:1: symbols.quotes leaves nothing to collect: the exchanges are collected in USDT",
                "symbols: {quotes: []} | config.yaml:1: symbols.quotes leaves nothing to collect: the exchanges are collected in USDT",
                "symbols: {upbit_krw: all} | config.yaml:1: symbols.upbit_krw: 'all' is none of both, listed, unlisted",
                "storage: {retention: } | config.yaml:1: storage.retention: has no value; leave the key out for its default, 7d",
                "storage: {retention: [7d]} | config.yaml:1: storage.retention: is a list where one value belongs",
                "storage: {url: mysql://db/x} | config.yaml:1: storage.url: 'mysql://db/x' is not the address of a database such as jdbc:postgresql://host:5432/metdc",
                "upbit: {rest_url: 'ftp://x'} | config.yaml:1: upbit.rest_url: 'ftp://x' is not an address such as https://host:1234",
                "upbit: {rest_url: 'https:///x'} | config.yaml:1: upbit.rest_url: 'https:///x' is not an address such as https://host:1234",
                "upbit: {notices_url: 'http://h/p?x=1'} | config.yaml:1: upbit.notices_url has a query or a fragment, which an address that metdc adds its own to must not",
                "upbit: {notices_fallback_url: 'http://h/p#x'} | config.yaml:1: upbit.notices_fallback_url has a query or a fragment, which an address that metdc adds its own to must not",
                "network: {bind_address: localhost} | config.yaml:1: network.bind_address: 'localhost' is not an IP address",
                "journal: {max_size: 1KB} | config.yaml:1: journal.max_size: '1KB' is less than 1MB",
                "recovery: {backoff_max: 500ms} | config.yaml:1: recovery.backoff_max does not fit: recovery.backoff_max (500ms) is shorter than recovery.backoff_first (1s)",
                "{? [a] : b} | config.yaml:1: a key is one word",
                "exchanges: {binance: {futures: {time_unit: microsecond}}} | config.yaml:1: exchanges.binance.futures.time_unit does not fit: binance-futures has no time unit Micros",
                "exchanges: {binance: {spot: {time_unit: second}}} | config.yaml:1: exchanges.binance.spot.time_unit: 'second' is none of millisecond, microsecond, nanosecond",
                "'data_directory: !!java.net.URL [x]' | config.yaml:1: no valid YAML: Global tag is not allowed: tag:yaml.org,2002:java.net.URL",
            })
    void each_mistake_has_its_own_words(String yaml, String problem) {
        assertThat(problems(yaml)).containsExactly(problem);
    }

    @Test
    void duplicates_and_broken_yaml_name_their_line() {
        assertThat(problems("storage:\n  retention: 7d\nhttp:\n  port: 1\nstorage:\n  user: x\n"))
                .containsExactly("config.yaml:5: storage is set twice; first in line 1");
        assertThat(problems("storage:\n\tretention: 7d\n"))
                .singleElement()
                .asString()
                .startsWith("config.yaml:2: no valid YAML: ");
        assertThat(problems("a: *b\n")).singleElement().asString().startsWith("config.yaml:1: no valid YAML: ");
    }

    @Test
    void a_file_that_cannot_be_read_is_said_in_a_line() throws Exception {
        Files.write(home.resolve("latin.yaml"), "data_directory: d\u00e4ta\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThat(problemsOf(Path.of("nowhere.yaml"))).containsExactly("nowhere.yaml: there is no such file");
        assertThat(problemsOf(home)).singleElement().asString().endsWith(": is a folder");
        assertThat(problemsOf(Path.of("latin.yaml"))).containsExactly("latin.yaml: is not UTF-8 text");
    }

    @Test
    void the_command_line_wins_over_the_environment_over_the_file_over_the_default() throws Exception {
        String yaml = "storage:\n  retention: 2d\n  user: file\nlogging:\n  level: warn\n";
        environment.put("METDC_STORAGE_USER", "environment");
        environment.put("METDC_LOGGING_LEVEL", "error");

        Configuration configuration = load(yaml, "logging.level=debug", "logging.level=trace");

        assertThat(origin(configuration, "storage.retention")).isEqualTo("2d from config.yaml:2");
        assertThat(origin(configuration, "storage.user")).isEqualTo("environment from METDC_STORAGE_USER");
        assertThat(origin(configuration, "logging.level")).isEqualTo("trace from --set");
        assertThat(origin(configuration, "journal.max_size")).isEqualTo("20GiB from default");
        assertThat(configuration.settings().logging().level()).isEqualTo(LoggingSettings.Level.TRACE);
        assertThat(configuration.settings().storage().user()).isEqualTo("environment");
    }

    @Test
    void every_setting_has_a_variable_of_its_own() throws Exception {
        Set<String> variables = new HashSet<>();
        for (Setting setting : load("").all()) {
            assertThat(Setting.variable(setting.key())).matches("METDC_[A-Z_]+");
            assertThat(variables.add(Setting.variable(setting.key()))).isTrue();
        }
        assertThat(Setting.variable("storage.password")).isEqualTo("METDC_STORAGE_PASSWORD");
    }

    @Test
    void every_setting_can_be_given_by_its_variable_and_says_so_when_it_does_not_fit() throws Exception {
        for (Setting setting : load("").all()) {
            if (setting.shown().isEmpty()) {
                continue;
            }
            environment.clear();
            environment.put(Setting.variable(setting.key()), setting.shown().replaceAll("[\\[\\]{}]", ""));
            boolean collection = setting.shown().equals("[]") || setting.shown().equals("{}");
            assertThat(origin(load(""), setting.key()))
                    .isEqualTo(setting.shown() + " from " + (collection ? "default" : Setting.variable(setting.key())));
            environment.put(Setting.variable(setting.key()), "\u0001");
            assertThat(problems(""))
                    .singleElement()
                    .asString()
                    .startsWith(Setting.variable(setting.key()) + ": " + setting.key());
        }
    }

    @Test
    void lists_and_pairs_have_a_notation_outside_of_the_file() throws Exception {
        environment.put("METDC_SYMBOLS_INCLUDE", "BTC, ETH");
        Settings settings = load(
                        "symbols: {exclude: [DOGE]}",
                        "symbols.aliases=BTT=BTTC,LUNA=LUNC",
                        "symbols.denied=AAPLX, TSLAX",
                        "symbols.exclude=")
                .settings();

        assertThat(settings.symbols().filter().include())
                .containsExactly(new Selector(null, "BTC"), new Selector(null, "ETH"));
        assertThat(settings.symbols().filter().exclude()).isEmpty();
        assertThat(settings.symbols().filter().denied())
                .containsExactly(
                        new Denial("AAPLX", DateRange.ALWAYS, Set.of()),
                        new Denial("TSLAX", DateRange.ALWAYS, Set.of()));
        assertThat(settings.symbols().aliases())
                .isEqualTo(Aliases.of(new TreeMap<>(Map.of("BTT", "BTTC", "LUNA", "LUNC"))));
        assertThat(problems("", "symbols.aliases=BTT")).containsExactly("--set: symbols.aliases: BTT: has no name");
        assertThat(problems("", "symbols.aliases=BTT="))
                .containsExactly("--set: symbols.aliases: BTT: holds '', which is no name");
        assertThat(problems("", "symbols.denied=A,,B"))
                .containsExactly("--set: symbols.denied: : holds '', which is no name");
    }

    @Test
    void a_mistake_in_a_table_kept_by_hand_names_its_own_line() {
        assertThat(problems("""
                symbols:
                  include:
                    - BTC
                    - mtgox/spot:BTCUSD
                  denied:
                    - AAPLX
                    - name: TSLAX
                      since: 2025-06-30
                      exchanges: [gate, mtgox]
                  aliases:
                    BTT: BTTC
                    LIT:
                      - {name: HEI, until: 2026-02-01}
                      - {name: LIT, since: 2026-01-01}
                    LUNA: {name: LUNC, since: soon}
                """))
                .containsExactly(
                        "config.yaml:4: symbols.include: 'mtgox/spot:BTCUSD' names the market 'mtgox/spot', which is none:"
                                + " it is written exchange/spot or exchange/futures",
                        "config.yaml:9: symbols.denied: TSLAX: has exchanges of which 'mtgox' is no exchange",
                        "config.yaml:14: symbols.aliases: LIT: LIT is HEI and LIT at once",
                        "config.yaml:15: symbols.aliases: LUNA: has since 'soon', which is no date such as 2025-02-01");
    }

    @Test
    void what_a_table_kept_by_hand_holds_is_shown_as_it_is_written() throws Exception {
        String aliases = "{BTT: {name: BTTC, since: 2022-01-18, exchanges: [bybit, gate]},"
                + " LIT: [{name: HEI, until: 2025-02-01}, {name: LIT, since: 2026-01-01}], LUNA: LUNC}";
        String denied = "[AAPLX, {name: TSLAX, since: 2025-06-30, until: 2026-06-30}]";

        Configuration configuration = load("symbols:\n  aliases: " + aliases + "\n  denied: " + denied
                + "\n  exclude: [binance/spot:BTCUSDT, PEPE]\n");

        assertThat(origin(configuration, "symbols.aliases")).isEqualTo(aliases + " from config.yaml:2");
        assertThat(origin(configuration, "symbols.denied")).isEqualTo(denied + " from config.yaml:3");
        assertThat(origin(configuration, "symbols.exclude"))
                .isEqualTo("[binance/spot:BTCUSDT, PEPE] from config.yaml:4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"listed", "unlisted"})
    void upbits_list_cannot_tell_the_coins_apart_where_upbit_is_switched_off(String wanted) throws Exception {
        assertThat(problems("symbols:\n  upbit_krw: " + wanted + "\nupbit: {enabled: false}\n"))
                .containsExactly(
                        "config.yaml:2: symbols.upbit_krw is " + wanted + ", which only Upbit's list of markets"
                                + " can tell: leave upbit.enabled on, or set this to both");
        assertThat(load("symbols: {upbit_krw: " + wanted + "}")
                        .settings()
                        .symbols()
                        .filter()
                        .upbitKrw())
                .hasToString(wanted);
        assertThat(load("upbit: {enabled: false}").settings().symbols().filter().upbitKrw())
                .hasToString("both");
    }

    @Test
    void a_currency_that_is_not_collected_is_worth_a_word() throws Exception {
        assertThat(load("symbols: {quotes: [USDT, USDC]}").warnings())
                .containsExactly(
                        new Problem("config.yaml:1", "symbols.quotes: the exchanges are collected in USDT only"));
    }

    @Test
    void the_list_of_symbols_lies_beside_the_configuration_and_in_the_data_where_that_cannot_be() throws Exception {
        Files.createDirectories(home.resolve("etc"));
        Files.writeString(home.resolve("etc/metdc.yaml"), "data_directory: data");
        Configuration beside = Configuration.load(sources(Path.of("etc/metdc.yaml")), CONNECTORS);
        assertThat(beside.settings().symbols().file()).isEqualTo(home.resolve("etc/symbols/symbols.yaml"));
        assertThat(beside.warnings()).isEmpty();

        Files.writeString(home.resolve("etc/symbols"), "a file where the folder should be");
        Configuration elsewhere = Configuration.load(sources(Path.of("etc/metdc.yaml")), CONNECTORS);
        assertThat(elsewhere.settings().symbols().file()).isEqualTo(home.resolve("data/symbols.yaml"));
        assertThat(elsewhere.warnings())
                .containsExactly(new Problem(
                        "default",
                        "symbols.file: " + home.resolve("etc/symbols/symbols.yaml")
                                + " cannot be written; the list of what is collected is in "
                                + home.resolve("data/symbols.yaml")));

        assertThat(load("symbols: {file: lists/own.yaml}").settings().symbols().file())
                .isEqualTo(home.resolve("lists/own.yaml"));
    }

    @Test
    void an_unset_variable_of_a_compose_file_counts_for_nothing_and_an_unknown_one_is_worth_a_word() throws Exception {
        environment.put("METDC_STORAGE_PASSWORD", "");
        environment.put("METDC_STORAGE_PASWORD", "x");
        environment.put("METDC_JAVA_OPTS", "-Xmx1g");
        environment.put("METDC_ADDRESS_FILE", "/tmp/address");

        Configuration configuration = load("");

        assertThat(configuration.settings().storage().password()).isNull();
        assertThat(configuration.warnings())
                .containsExactly(new Problem(
                        "METDC_STORAGE_PASWORD",
                        "is the variable of no setting; did you mean METDC_STORAGE_PASSWORD?"));
    }

    @Test
    void a_password_comes_from_a_file_or_the_environment_without_a_word() throws Exception {
        Files.writeString(home.resolve("password"), "s3cret\n");

        Configuration fromFile = load("storage: {password_file: password}");
        assertThat(fromFile.settings().storage().password().reveal()).isEqualTo("s3cret");
        assertThat(fromFile.warnings()).isEmpty();

        environment.put("METDC_STORAGE_PASSWORD", "other");
        Configuration fromEnvironment = load("storage: {password_file: password}");
        assertThat(fromEnvironment.settings().storage().password().reveal()).isEqualTo("other");
        assertThat(fromEnvironment.warnings()).isEmpty();
    }

    @Test
    void a_password_in_the_open_is_accepted_with_a_warning() throws Exception {
        assertThat(load("storage:\n  password: s3cret").warnings())
                .containsExactly(new Problem(
                        "config.yaml:2",
                        "storage.password stands in the configuration itself; storage.password_file or the environment variable"
                                + " METDC_STORAGE_PASSWORD keeps it to yourself"));
        assertThat(load("", "storage.password=s3cret").warnings())
                .singleElement()
                .asString()
                .startsWith("--set: storage.password is visible in the list of processes");
    }

    @Test
    void a_login_in_the_address_of_the_database_is_taken_out_of_it() throws Exception {
        Configuration configuration = load("storage:\n  url: postgres://joe:s%40cret@db:5433/trades?sslmode=require\n");

        assertThat(configuration.settings().storage().url())
                .isEqualTo("jdbc:postgresql://db:5433/trades?sslmode=require");
        assertThat(configuration.settings().storage().user()).isEqualTo("joe");
        assertThat(configuration.settings().storage().password().reveal()).isEqualTo("s@cret");
        assertThat(configuration.toString()).doesNotContain("s@cret").doesNotContain("s%40cret");
        assertThat(configuration.warnings())
                .singleElement()
                .asString()
                .startsWith("config.yaml:2: storage.url: carries a password; storage.password_file or");

        Settings overruled =
                load("storage:\n  url: jdbc:postgresql://db/x?user=joe&password=a\n  user: ann\n  password: b")
                        .settings();
        assertThat(overruled.storage().url()).isEqualTo("jdbc:postgresql://db/x");
        assertThat(overruled.storage().user()).isEqualTo("ann");
        assertThat(overruled.storage().password().reveal()).isEqualTo("b");
    }

    @Test
    void a_password_file_that_is_missing_or_empty_or_not_alone_is_an_error() throws Exception {
        Files.writeString(home.resolve("empty"), "\n");

        assertThat(problems("storage: {password_file: nowhere}"))
                .containsExactly("config.yaml:1: storage.password_file: the file " + home.resolve("nowhere")
                        + " does not exist");
        assertThat(problems("storage: {password_file: empty}"))
                .containsExactly(
                        "config.yaml:1: storage.password_file: the file " + home.resolve("empty") + " is empty");
        assertThat(problems("storage:\n  password: x\n  password_file: y\n"))
                .contains(
                        "config.yaml:3: storage.password and storage.password_file are both set; leave one of them out");
    }

    @Test
    void no_secret_is_ever_printed() throws Exception {
        String secret = "hunter2-\u00e9";
        Configuration configuration = load("storage:\n  password: " + secret + "\n");

        assertThat(configuration.settings().storage().password().reveal()).isEqualTo(secret);
        assertThat(configuration.toString()).doesNotContain(secret).contains("***");
        assertThat(configuration.all().toString()).doesNotContain(secret).contains("***");
        assertThat(configuration.warnings().toString()).doesNotContain(secret);

        assertThat(problems("storage:\n  password: [" + secret + "]\n").toString())
                .doesNotContain(secret);
        assertThat(problems("storage:\n  password: \"" + secret + "\\n2\"\n").toString())
                .doesNotContain(secret);
        assertThat(problems("storage:\n  url: 'mysql://joe:" + secret + "@db/x'\n")
                        .toString())
                .doesNotContain(secret);
        assertThat(problems("storage:\n  url: 'mysql://db/x?user=joe&password=" + secret + "'\n")
                        .toString())
                .doesNotContain(secret);
        assertThat(problems("network:\n  proxy: 'http://joe:" + secret + "@proxy:1'\n")
                        .toString())
                .doesNotContain(secret);
        assertThat(problems("", "storage.password_fil=" + secret).toString()).doesNotContain(secret);
        assertThat(new Configuration.Option("--set", "storage.password=" + secret).toString())
                .doesNotContain(secret);
    }

    @Test
    void without_a_name_the_file_of_the_repository_is_read_if_there_is_one() throws Exception {
        assertThat(Configuration.load(sources(null), CONNECTORS).file()).isNull();

        Files.createDirectories(home.resolve("config"));
        Files.writeString(home.resolve("config/config.yaml"), "storage: {user: joe}");

        Configuration configuration = Configuration.load(sources(null), CONNECTORS);
        assertThat(configuration.file()).isEqualTo(home.resolve("config/config.yaml"));
        assertThat(configuration.settings().symbols().file()).isEqualTo(home.resolve("config/symbols/symbols.yaml"));
        assertThat(configuration.settings().storage().user()).isEqualTo("joe");
    }

    @Test
    void no_text_at_all_makes_the_reader_fail_otherwise_than_by_saying_so() throws Exception {
        String all = Files.readString(repository().resolve("config/config.yaml"));
        String yaml = all.replaceAll("(?m)^( *)#([a-z_]+:)", "$1$2");
        Random random = new Random(11);
        String marks = "{}[]:,#&*!|>'\"%@`-?\n\t\\ 0a\u0000\uffff";
        for (int i = 0; i < 1_000; i++) {
            StringBuilder text = new StringBuilder(yaml);
            for (int j = 0; j < 1 + random.nextInt(4); j++) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(3)) {
                    case 0 -> text.setCharAt(at, marks.charAt(random.nextInt(marks.length())));
                    case 1 -> text.insert(at, marks.charAt(random.nextInt(marks.length())));
                    default -> text.delete(at, Math.min(text.length(), at + random.nextInt(40)));
                }
            }
            try {
                load(text.toString());
            } catch (InvalidConfiguration e) {
                assertThat(e.problems()).isNotEmpty();
            }
        }
    }

    @Test
    void beyond_this_machine_nothing_is_served_without_a_token() throws Exception {
        assertThat(problems("http:\n  bind: 0.0.0.0\n"))
                .singleElement()
                .asString()
                .startsWith("config.yaml:2: http.bind is an address that others reach: set http.token");

        environment.put("METDC_HTTP_TOKEN", "s3cret");
        HttpSettings http = load("http:\n  bind: 0.0.0.0\n").settings().http();

        assertThat(http.address().token()).isEqualTo("s3cret");
        assertThat(http.toString() + http.address()).doesNotContain("s3cret");
    }

    @Test
    void the_file_of_the_repository_documents_every_setting_with_its_default() throws Exception {
        String file = Files.readString(repository().resolve("config/config.yaml"));
        List<Setting> defaults = load("").all();
        assertThat(load(file).all()).isEqualTo(defaults);

        String everythingSet = file.replaceAll("(?m)^( *)#([a-z_]+:)", "$1$2");
        List<Problem> problems = new java.util.ArrayList<>();
        Map<String, Given.Shape> shapes = new LinkedHashMap<>();
        Reading reading = new Reading(Map.of(), home, home);
        Settings.read(reading, CONNECTORS.stream().collect(Collectors.toMap(Connector::market, Function.identity())));
        shapes.putAll(reading.declared);
        Map<String, Given> given = YamlFile.read(everythingSet, "config.yaml", new KnownKeys(shapes), problems);
        assertThat(problems).isEmpty();
        assertThat(given.keySet())
                .containsExactlyElementsOf(defaults.stream().map(Setting::key).toList());

        for (Setting setting : load(everythingSet).all()) {
            assertThat(setting.shown()).as(setting.key()).isEqualTo(shown(defaults, setting.key()));
        }
    }

    @Test
    void the_file_of_the_repository_has_a_comment_for_every_setting_and_marks_those_without_effect() throws Exception {
        List<String> lines = Files.readAllLines(repository().resolve("config/config.yaml"));
        List<String> uncommented = Stream.of(
                        "enabled",
                        "websocket_url",
                        "rest_url",
                        "max_symbols_per_connection",
                        "connections_per_shard",
                        "ca_file",
                        "business_url",
                        "time_unit")
                .toList(); // explained once, above all exchanges
        boolean commented = false;
        for (String line : lines) {
            if (line.strip().startsWith("# ")) {
                commented = true;
            } else if (line.strip().matches("#[a-z_]+:.*")) {
                String key = line.strip().substring(1, line.strip().indexOf(':'));
                assertThat(commented || uncommented.contains(key)).as(line).isTrue();
                commented = false;
            }
        }
        String text = String.join("\n", lines);
        for (Setting setting : load("").all()) {
            String name = setting.key().substring(setting.key().lastIndexOf('.') + 1);
            String section =
                    setting.key().substring(0, Math.max(0, setting.key().indexOf('.')));
            if (!section.equals("exchanges") && !section.isEmpty()) {
                String part = text.substring(text.indexOf("\n" + section + ":"));
                String before = part.substring(0, part.indexOf("#" + name + ":"));
                String comment = before.substring(before.lastIndexOf("\n  #", before.lastIndexOf("\n  # ")));
                String intro = text.substring(
                        text.lastIndexOf("\n\n", text.indexOf("\n" + section + ":")),
                        text.indexOf("\n" + section + ":"));
                assertThat((comment + intro).contains("No effect yet"))
                        .as(setting.key())
                        .isEqualTo(!setting.effective());
            }
        }
    }

    private static Path repository() {
        return Path.of(System.getProperty("metdc.home", ".."));
    }

    private static String shown(List<Setting> settings, String key) {
        return settings.stream()
                .filter(setting -> setting.key().equals(key))
                .findFirst()
                .orElseThrow()
                .shown();
    }

    private static String origin(Configuration configuration, String key) {
        Setting setting = configuration.all().stream()
                .filter(one -> one.key().equals(key))
                .findFirst()
                .orElseThrow();
        return setting.shown() + " from " + setting.origin();
    }

    private Configuration.Sources sources(Path file, String... set) {
        return new Configuration.Sources(
                file,
                Stream.of(set)
                        .map(assignment -> new Configuration.Option("--set", assignment))
                        .toList(),
                environment,
                home,
                home);
    }

    private Configuration load(String yaml, String... set) throws InvalidConfiguration, IOException {
        Files.writeString(home.resolve("config.yaml"), yaml);
        return Configuration.load(sources(Path.of("config.yaml"), set), CONNECTORS);
    }

    private List<String> problems(String yaml, String... set) {
        InvalidConfiguration invalid = catchThrowableOfType(InvalidConfiguration.class, () -> load(yaml, set));
        assertThat(invalid).as("valid: " + yaml).isNotNull();
        return invalid.problems().stream().map(Problem::toString).toList();
    }

    private List<String> problemsOf(Path file) {
        InvalidConfiguration invalid =
                catchThrowableOfType(InvalidConfiguration.class, () -> Configuration.load(sources(file), CONNECTORS));
        return invalid.problems().stream().map(Problem::toString).toList();
    }
}
