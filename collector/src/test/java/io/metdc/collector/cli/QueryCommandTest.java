package io.metdc.collector.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.metdc.collector.ReadyCluster;
import io.metdc.collector.query.Csv;
import io.metdc.collector.query.NamedQuery;
import io.metdc.collector.query.Question;
import io.metdc.storage.Database;
import io.metdc.storage.EmbeddedPostgres;
import io.metdc.storage.StorageSettings;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Against an embedded server with the real schema and a few rows.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class QueryCommandTest {
    private static Path home;
    private static EmbeddedPostgres server;

    private final Invocation metdc = new Invocation(home);

    @BeforeAll
    static void a_database_with_a_few_trades() throws Exception {
        home = Files.createTempDirectory("metdc-query");
        Path repository = Path.of(System.getProperty("metdc.home", ".."));
        Files.createDirectories(home.resolve("scripts"));
        Files.createSymbolicLink(
                home.resolve("scripts/sql"), repository.toAbsolutePath().resolve("scripts/sql"));
        server = ReadyCluster.in(home.resolve("data"));
        server.startToStay();
        try (Database database = Database.open(StorageSettings.embedded(home.resolve("data")), "test");
                Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("""
                    INSERT INTO instruments (first_seen_at, last_seen_at, exchange, market, symbol, base, quote, settle)
                    VALUES (now(), now(), 'binance', 'spot', 'BTCUSDT', 'BTC', 'USDT', 'USDT'),
                           (now(), now(), 'okx', 'futures', 'ETH-USDT-SWAP', 'ETH', 'USDT', 'USDT')
                    """);
            statement.execute("""
                    INSERT INTO instrument_terms (instrument_id, valid_from, contract_size, multiplier)
                    VALUES (1, '-infinity', 1, 1), (2, '-infinity', 0.10, 1)
                    """);
            statement.execute("""
                    DO $$ BEGIN
                      IF to_regclass('trades_now') IS NULL THEN
                        EXECUTE format('CREATE TABLE trades_now PARTITION OF trades FOR VALUES FROM (%L) TO (%L)',
                                       now() - interval '1 day', now() + interval '1 day');
                      END IF;
                    END $$
                    """);
            statement.execute("""
                    INSERT INTO trades (executed_at, received_at, id_number, sequence, instrument_id, executed_ns,
                                        taker_side, origin, flags, price, size, id_text)
                    SELECT now() - make_interval(secs => 100 - n), now() - make_interval(secs => 99.5 - n), 1000 + n, 1000 + n, 1,
                           0, 1, 0, 2, 65432.10000000, 0.00012345, ''
                    FROM generate_series(1, 50) n WHERE n NOT BETWEEN 20 AND 24
                    """);
            statement.execute("""
                    INSERT INTO trades (executed_at, received_at, id_number, sequence, instrument_id, executed_ns,
                                        taker_side, origin, flags, price, size, id_text)
                    VALUES (now() - interval '5 seconds', now(), 0, NULL, 2, 7, -1, 1, 0, 3000, 12, 'a-b-c')
                    """);
            statement.execute("""
                    INSERT INTO trade_counts (hour, received, stored, duplicate, late, consumed, instrument_id)
                    VALUES (date_trunc('hour', now()), 50, 45, 3, 4, 2, 1), (date_trunc('hour', now()), 1, 1, 0, 0, 0, 2)
                    """);
            statement.execute("INSERT INTO rejected_counts VALUES (date_trunc('hour', now()), 2, 1, 'malformed')");
            statement.execute(
                    "INSERT INTO rejected_trades VALUES (now(), 1, 'malformed', 'price is missing: {\"t\":1}\u001b')");
            statement.execute("""
                    INSERT INTO holes (from_id, to_id, expected, opened_at, instrument_id, cause)
                    VALUES (1020, 1024, 5, now(), 1, 'missing_ids')
                    """);
        }
    }

    @AfterAll
    static void clean_up() throws Exception {
        server.stop(Duration.ofSeconds(30));
        Files.walkFileTree(home, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws java.io.IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, java.io.IOException e) throws java.io.IOException {
                Files.delete(folder);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Test
    void without_a_name_the_questions_are_listed() {
        assertThat(metdc.run("query")).isZero();
        assertThat(metdc.lines())
                .contains(
                        "counts",
                        "trades_per_minute",
                        "    The trades per minute of the exchange's clock and market, newest first.",
                        "    --param minutes=60      how many minutes back")
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
    }

    @Test
    void every_question_says_what_it_answers_and_can_be_asked_with_its_defaults_in_80_columns() throws Exception {
        List<NamedQuery> questions = NamedQuery.all(home.resolve("scripts/sql"));
        assertThat(questions)
                .extracting(NamedQuery::name)
                .contains(
                        "completeness",
                        "counts",
                        "gaps_by_id",
                        "holes",
                        "holes_open",
                        "instruments",
                        "last_trades",
                        "latency",
                        "late",
                        "rejected",
                        "trades_per_minute");
        metdc.columns(80);
        for (NamedQuery question : questions) {
            assertThat(question.answers()).as(question.name()).isNotEmpty();
            assertThat(question.parameters().values())
                    .as(question.name())
                    .allSatisfy(parameter -> assertThat(parameter.meaning()).isNotEmpty());
            assertThat(metdc.run("query", question.name()))
                    .as(question.name() + ": " + metdc.err())
                    .isZero();
            assertThat(metdc.err()).isEmpty();
            assertThat(metdc.lines().getLast()).as(question.name()).matches("[1-9]\\d* rows?(, times in UTC)?");
            assertThat(metdc.lines())
                    .as(question.name())
                    .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(80));
        }
    }

    @Test
    void counts_add_up_by_market() {
        metdc.run("query", "counts");
        assertThat(metdc.out()).isEqualTo("""
                exchange  market   received  stored  duplicate  rejected  consumed  underway
                ────────  ───────  ────────  ──────  ─────────  ────────  ────────  ────────
                binance   spot           50      45          3         2         2         0
                okx       futures         1       1          0         0         0         0
                2 rows
                """);
    }

    @Test
    void late_trades_are_counted_by_instrument_and_an_instrument_without_any_is_left_out() {
        metdc.run("query", "late", "--format", "csv");
        assertThat(metdc.lines()).hasSize(2);
        assertThat(metdc.lines().getFirst()).isEqualTo("exchange,market,symbol,late,stored,last_hour");
        assertThat(metdc.lines().getLast()).contains(",4,45,");
    }

    @Test
    void parameters_narrow_an_answer_and_numbers_are_exact() {
        assertThat(metdc.run("query", "last_trades", "-p", "symbol=ETH-USDT-SWAP", "--format", "json"))
                .isZero();
        assertThat(metdc.lines().get(1))
                .matches(
                        "\\{\"executed_at\":\"20\\d\\d-.*Z\",\"exchange\":\"okx\",\"market\":\"futures\",\"symbol\":\"ETH-USDT-SWAP\","
                                + "\"price\":3000,\"quantity\":1.2,\"side\":\"sell\"\\}");
        assertThat(metdc.run(
                        "query", "last_trades", "--param", "limit=7", "--param", "exchange=binance", "--format=csv"))
                .isZero();
        assertThat(metdc.lines()).hasSize(8);
        assertThat(metdc.lines().get(1)).endsWith(",binance,spot,BTCUSDT,65432.1,0.00012345,buy");
        assertThat(metdc.out()).endsWith("\r\n");
    }

    @Test
    void gaps_latencies_holes_and_rejects_are_found() {
        metdc.run("query", "gaps_by_id", "--format", "csv");
        assertThat(metdc.lines().get(1)).startsWith("binance,spot,BTCUSDT,1020,5,");
        metdc.run("query", "latency", "--format", "csv");
        assertThat(metdc.lines().get(1)).isEqualTo("binance,spot,45,500.0,500.0,500.0,500.0");
        assertThat(metdc.lines()).hasSize(2);
        metdc.run("query", "holes", "--param", "open=yes", "--format", "csv");
        assertThat(metdc.lines().get(1)).endsWith(",binance,spot,BTCUSDT,missing_ids,5,open");
        metdc.run("query", "rejected");
        assertThat(metdc.lines().get(2))
                .isEqualTo("binance   spot    malformed         2  price is missing: {\"t\":1}");
    }

    @Test
    void a_value_is_a_value_whatever_it_looks_like() throws Exception {
        assertThat(metdc.run("query", "last_trades", "--param", "symbol='; DROP TABLE trades; --", "--format", "json"))
                .isZero();
        assertThat(metdc.out()).isEqualTo("[]\n");
        assertThat(metdc.run("query", "trades_per_minute", "--param", "minutes=60) OR (1=1"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err())
                .isEqualTo("metdc: --param minutes: invalid input syntax for type integer: \"60) OR (1=1\"\n");
        assertThat(metdc.err().lines()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "query nonsense | metdc: there is no question 'nonsense'; there are completeness, counts, ",
                "query ../../etc/passwd | metdc: there is no question '../../etc/passwd'; there are ",
                "query counts --param x=1 | metdc: the question counts has no parameter 'x'; it has none",
                "query holes --param hours | metdc: --param is to be followed by key=value, not 'hours'",
                "query counts --sql x | metdc: --sql goes together with neither a name nor parameters",
                "query --sql ; | metdc: --sql takes one statement",
                "query counts --format xml | metdc: Invalid value for option '--format': expected one of [TABLE, CSV, JSON] (case-insensitive) but was 'xml'",
            })
    void a_wrong_use_is_explained(String arguments, String message) {
        assertThat(metdc.run(arguments.split(" "))).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).startsWith(message);
        assertThat(metdc.out()).isEmpty();
    }

    @Test
    void free_sql_is_answered_in_all_types() {
        assertThat(
                        metdc.run(
                                "query",
                                "--format",
                                "json",
                                "--sql",
                                "SELECT 1::int2 a, 12345678901234567890.10::numeric b, 'NaN'::numeric c, true d, NULL e,"
                                        + " timestamptz '2026-11-20 14:03:07.412345+01' f, '{\"x\":[1]}'::jsonb g, array['p','q\"'] h,"
                                        + " 'infinity'::timestamptz i, 0.1::float8 j, interval '1 day' k, '{\"k\":1}'::jsonb ? 'k' l;"))
                .as(metdc.err())
                .isZero();
        assertThat(metdc.lines().get(1))
                .isEqualTo("{\"a\":1,\"b\":12345678901234567890.10,\"c\":\"NaN\",\"d\":true,\"e\":null,"
                        + "\"f\":\"2026-11-20T13:03:07.412345Z\",\"g\":{\"x\": [1]},\"h\":[\"p\",\"q\\\"\"],\"i\":\"infinity\","
                        + "\"j\":0.1,\"k\":\"1 day\",\"l\":true}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM trades",
                "INSERT INTO metadata VALUES ('x', 'y')",
                "DROP TABLE trades",
                "CREATE TABLE x (y int)",
                "CREATE TEMP TABLE x (y int)",
                "SELECT 1; DELETE FROM trades",
                "COMMIT; DELETE FROM trades",
                "DO $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM trades; END $$",
                "DO $$ BEGIN COMMIT; DELETE FROM trades; END $$",
                "WITH x AS (DELETE FROM trades RETURNING 1) SELECT * FROM x",
                "SELECT pg_read_file('/etc/passwd')",
                "COPY (SELECT 1) TO PROGRAM 'cat'",
                "SELECT nonsense",
            })
    void free_sql_cannot_change_anything(String sql) throws Exception {
        assertThat(metdc.run("query", "--sql", sql)).isNotZero();
        assertThat(metdc.err()).startsWith("metdc: ");
        assertThat(metdc.err().lines()).hasSize(1);
        assertThat(trades()).isEqualTo(46);
    }

    private static long trades() throws Exception {
        return count("SELECT count(*) FROM trades");
    }

    private static long count(String sql) throws Exception {
        var superuser = server.superuser();
        try (Connection connection =
                        DriverManager.getConnection(superuser.jdbcUrl(), superuser.user(), superuser.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    @Test
    void a_long_answer_streams_and_a_slow_one_is_given_up() {
        assertThat(metdc.run("query", "--format", "csv", "--sql", "SELECT n FROM generate_series(1, 200000) n"))
                .isZero();
        assertThat(metdc.lines()).hasSize(200_001);

        assertThat(metdc.run("query", "--timeout", "200ms", "--sql", "SELECT pg_sleep(60)"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err())
                .isEqualTo(
                        "metdc: given up (canceling statement due to statement timeout): --timeout gives it more time\n");
    }

    @Test
    void a_reader_that_wants_no_more_is_no_failure_but_a_full_disk_is() {
        String[] question = {"query", "--sql", "SELECT n FROM generate_series(1, 100000) n"};

        Invocation head = new Invocation(home).writingNothing("Broken pipe");
        assertThat(head.run(question)).isZero();
        assertThat(head.err()).isEmpty();

        Invocation full = new Invocation(home).writingNothing("No space left on device");
        assertThat(full.run(question)).isEqualTo(ExitCode.FAILED);
        assertThat(full.err()).isEqualTo("metdc: the answer cannot be written: No space left on device\n");
    }

    @Test
    void a_parameter_that_the_database_does_not_take_is_named() {
        assertThat(metdc.run("query", "last_trades", "--param", "hours=1", "--param", "limit=few"))
                .isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).isEqualTo("metdc: --param limit: invalid input syntax for type bigint: \"few\"\n");

        assertThat(metdc.run("query", "--sql", "SELEC 1")).isEqualTo(ExitCode.USAGE);
        assertThat(metdc.err()).isEqualTo("metdc: syntax error at or near \"SELEC\"; Position: 1\n");
    }

    @Test
    void a_question_can_be_ended_from_another_thread() throws Exception {
        Question question = Question.free("SELECT pg_sleep(60)", Duration.ofMinutes(1));
        try (Database database = Database.visit(StorageSettings.embedded(home.resolve("data")));
                ExecutorService executor = Executors.newSingleThreadExecutor()) {
            Future<?> asking = executor.submit(() -> {
                question.ask(database.readOnly(), new Csv(new StringBuilder()));
                return null;
            });
            await().until(() ->
                    count("SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'") == 1);
            question.cancel();
            assertThatThrownBy(() -> asking.get(10, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("57014"));
            assertThat(question.isCancelled()).isTrue();
        }
    }

    @Test
    void the_address_is_printed_without_the_password_and_says_where_that_lies() throws Exception {
        assertThat(metdc.run("database", "url")).isZero();
        assertThat(metdc.out()).matches("postgresql://metdc_reader@127\\.0\\.0\\.1:\\d+/metdc\\n");
        String password = Files.readString(server.passwordFile("metdc_reader")).strip();
        assertThat(metdc.err())
                .contains(server.passwordFile("metdc_reader").toString())
                .contains("psql postgresql://metdc_reader@");
        assertThat(metdc.out() + metdc.err()).doesNotContain(password);

        assertThat(metdc.run("database", "url", "--with-password", "--owner")).isZero();
        assertThat(metdc.out())
                .isEqualTo("postgresql://metdc:"
                        + Files.readString(server.passwordFile("metdc")).strip() + "@"
                        + server.owner().place() + "\n");

        Invocation elsewhere =
                new Invocation(home).variable("METDC_STORAGE_URL", "postgresql://joe:hunter2@db:5433/trades");
        assertThat(elsewhere.run("database", "url")).isZero();
        assertThat(elsewhere.out()).isEqualTo("postgresql://joe@db:5433/trades\n");
        assertThat(elsewhere.err())
                .isEqualTo("role joe; its password is part of storage.url\npsql postgresql://joe@db:5433/trades\n");
        assertThat(elsewhere.run("database", "start")).isEqualTo(ExitCode.USAGE);
        assertThat(elsewhere.err()).isEqualTo("metdc: storage.url is set, so metdc runs no server of its own\n");
    }

    @Test
    void the_same_question_is_answered_by_a_server_given_by_its_address() {
        assertThat(metdc.run("database", "url", "--owner", "--with-password")).isZero();
        Invocation external =
                new Invocation(home).variable("METDC_STORAGE_URL", metdc.out().strip());

        assertThat(external.run("query", "counts", "--format", "csv"))
                .as(external.err())
                .isZero();
        assertThat(external.lines()).hasSize(3);
        assertThat(external.run("query", "--sql", "DELETE FROM trades")).isNotZero();
    }

    @Test
    void without_a_database_it_is_said_what_to_do() {
        assertThat(metdc.run("query", "counts", "--set", "data_directory=nothing-here"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err())
                .startsWith("metdc: there are no tables of metdc in the database")
                .contains("metdc run");
        assertThat(metdc.run("database", "url", "--set", "data_directory=nothing-here"))
                .isEqualTo(ExitCode.FAILED);
        assertThat(metdc.err()).contains("there is no database in").contains("metdc run");
        assertThat(home.resolve("nothing-here")).doesNotExist();
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void a_server_that_does_not_run_is_started_for_the_question_and_stopped_afterwards() {
        assertThat(metdc.run("database", "stop")).isZero();
        assertThat(metdc.out()).isEqualTo("stopped\n");
        assertThat(metdc.run("database", "stop")).isZero();
        assertThat(metdc.out()).isEqualTo("was not running\n");
        assertThat(metdc.run("database", "url")).isZero();
        assertThat(metdc.err()).contains("not running now");

        assertThat(metdc.run("query", "counts")).isZero();
        assertThat(metdc.lines()).hasSize(5);
        assertThat(server.isRunning()).isFalse();

        assertThat(metdc.run("database", "start")).isZero();
        assertThat(metdc.out()).startsWith("started: 127.0.0.1:");
        assertThat(metdc.run("query", "counts")).isZero();
        assertThat(server.isRunning()).isTrue();
        assertThat(metdc.run("database", "start")).isZero();
        assertThat(metdc.out()).startsWith("was running already, and stays: ");
    }
}
