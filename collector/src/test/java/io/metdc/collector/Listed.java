package io.metdc.collector;

import static org.awaitility.Awaitility.await;

import io.metdc.collector.cli.CommandLineInterface;
import io.metdc.collector.cli.Surroundings;
import io.metdc.collector.cli.Terminal;
import io.metdc.market.Exchange;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.simulator.Simulator;
import io.metdc.storage.Database;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What tests of listings share: windows of seconds, and questions to the tables.
final class Listed {
    /// How often the notices are asked for.
    static final Duration POLL = Duration.ofMillis(400);

    /// Where won is paid.
    static final Market KRW = new Market(Exchange.UPBIT, MarketType.SPOT);

    private static final DateTimeFormatter MICROS =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS").withZone(ZoneOffset.UTC);

    private Listed() {}

    /// The core window.
    static final Duration BEFORE = Duration.ofSeconds(3);

    static final Duration AFTER = Duration.ofSeconds(5);

    /// Windows so short that a recording is over within seconds: near reaches a second further than core, wide two,
    /// and all is kept until three seconds behind the core window.
    static String[] settings(WebhookReceiver webhook, String... more) {
        List<String> settings = new ArrayList<>(List.of(
                webhook.setting(),
                "collection.before=" + BEFORE.toSeconds() + "s",
                "collection.after=" + AFTER.toSeconds() + "s",
                "collection.near_before=" + BEFORE.plusSeconds(1).toSeconds() + "s",
                "collection.near_after=" + AFTER.plusSeconds(1).toSeconds() + "s",
                "collection.wide_before=" + BEFORE.plusSeconds(2).toSeconds() + "s",
                "collection.wide_after=" + AFTER.plusSeconds(2).toSeconds() + "s",
                "collection.open_before=1s",
                "collection.open_after=2s",
                "collection.keep_before=10s",
                "collection.keep_after=" + AFTER.plusSeconds(3).toSeconds() + "s",
                "upbit.poll_interval=" + POLL.toMillis() + "ms",
                "upbit.markets_interval=300ms",
                "recovery.backoff_first=100ms",
                "recovery.cooldown=2s"));
        settings.addAll(List.of(more));
        return settings.toArray(String[]::new);
    }

    /// Waits until the tape of a coin reaches back on so many markets by more than the wide window.
    static void awaitTape(Rehearsed metdc, String coin, int markets) {
        await().atMost(Duration.ofSeconds(60))
                .until(() -> metdc.number("SELECT count(*) FROM (SELECT FROM trade WHERE base = '" + coin
                                + "' GROUP BY exchange, market HAVING max(executed_at) - min(executed_at) > interval '"
                                + BEFORE.plusSeconds(3).toSeconds() + " seconds') t")
                        == markets);
    }

    /// Has announcements pushed, too.
    static String[] socket(Simulator simulator) {
        String address = simulator.address(KRW).websocket() + "/private";
        return new String[] {
            "upbit.notices_websocket_url=" + address,
            "upbit.access_key=" + Simulator.ACCESS_KEY,
            "upbit.secret_key=" + Simulator.SECRET_KEY
        };
    }

    /// What a command said.
    record Output(int exitCode, String out, String err) {}

    /// Runs a command in this process.
    static Output command(Path home, String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = Terminal.of(InputStream.nullInputStream(), out, err);
        int exitCode = new CommandLineInterface(
                        new Surroundings(terminal, Map.of(), home, home), new Jobs(home, null, InstantSource.system()))
                .execute(arguments);
        return new Output(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// Waits until our clock says so.
    static void awaitTime(Instant instant) {
        await().pollInterval(Duration.ofMillis(10))
                .atMost(Duration.ofSeconds(60))
                .until(() -> !Instant.now().isBefore(instant));
    }

    /// The trades of an archive's windows as the view has them, with the columns of its CSV.
    static String trades(Archived archive) {
        StringBuilder windows = new StringBuilder();
        archive.metadata()
                .path("windows")
                .path("archived")
                .forEach(window -> windows.append(windows.isEmpty() ? "" : " OR ")
                        .append("executed_at >= '")
                        .append(window.path("from").asText())
                        .append("' AND executed_at < '")
                        .append(window.path("to").asText())
                        .append("'"));
        return "SELECT exchange, market, symbol, base, executed_at, executed_ns, received_at, trade_id, price, quantity,"
                + " contracts, taker_side, origin, array_to_string(flags, '|') AS flags FROM trade WHERE base = '"
                + archive.metadata().path("symbol").asText() + "' AND (" + windows + ")";
    }

    /// Rows by the names of their columns: times in UTC, numbers without trailing zeros, null as "".
    static List<Map<String, String>> rows(Database database, String sql) throws SQLException {
        try (Connection connection = database.readOnly().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("SET TIME ZONE 'UTC'");
            try (ResultSet row = statement.executeQuery(sql)) {
                List<Map<String, String>> rows = new ArrayList<>();
                while (row.next()) {
                    Map<String, String> values = new LinkedHashMap<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        values.put(row.getMetaData().getColumnLabel(i), text(row, i));
                    }
                    rows.add(values);
                }
                return rows;
            }
        }
    }

    private static String text(ResultSet row, int column) throws SQLException {
        return switch (row.getObject(column)) {
            case null -> "";
            case java.sql.Timestamp time -> sql(time.toInstant());
            case Boolean flag -> flag ? "t" : "f";
            case Object other -> other.toString();
        };
    }

    /// A time as [#rows] has it.
    static String sql(Instant time) {
        return MICROS.format(time);
    }

    /// Rows of trades from anywhere, so that they can be compared: times as SQL has them, numbers without trailing
    /// zeros.
    static List<Map<String, String>> comparable(List<Map<String, String>> rows) {
        return rows.stream()
                .map(row -> {
                    Map<String, String> same = new LinkedHashMap<>(row);
                    same.replaceAll((column, value) -> switch (column) {
                        case "executed_at", "received_at" ->
                            value.replace('T', ' ').replace("Z", "");
                        case "price", "quantity", "contracts" ->
                            value.isEmpty()
                                    ? ""
                                    : new BigDecimal(value).stripTrailingZeros().toPlainString();
                        default -> value;
                    });
                    return same;
                })
                .toList();
    }
}
