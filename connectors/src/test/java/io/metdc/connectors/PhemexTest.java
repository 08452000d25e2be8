package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Instrument.Scales;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.RejectReason;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import io.metdc.market.TradeId;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PhemexTest {
    private static final Market SPOT = new Market(Exchange.PHEMEX, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.PHEMEX, MarketType.FUTURES);
    private static final long RECEIVED = 1_795_012_346_500_000_000L;

    private final Connector spot = Connectors.of(SPOT).orElseThrow();
    private final Connector futures = Connectors.of(FUTURES).orElseThrow();
    private final Map<String, Listing> spotListings = listings(spot);
    private final Map<String, Listing> futuresListings = listings(futures);
    private final SymbolTable spotTable = table(spotListings);
    private final SymbolTable futuresTable = table(futuresListings);

    // ---- trades

    @Test
    void a_spot_trade_is_scaled_by_its_symbol_and_its_base() {
        Message.Unnumbered message = spot(0);

        assertThat(message.isSnapshot()).isFalse();
        assertThat(message.sequence()).isEqualTo(5001);
        assertThat(message.instrument().symbol()).isEqualTo("sSOLUSDT");
        assertThat(Occurrences.ofDecoding().take(message))
                .containsExactly(new Trade(
                        message.instrument(),
                        TradeId.of("1795012346100000001-s-187.43-3.2-0"),
                        new BigDecimal("187.43000000"),
                        new BigDecimal("3.20000000"),
                        TakerSide.SELL,
                        1_795_012_346_100_000_001L,
                        RECEIVED,
                        Trade.NO_SEQUENCE,
                        Origin.STREAM,
                        Set.of()));
    }

    @Test
    void a_perpetual_trade_is_read_as_the_exchange_wrote_it() {
        Message.Unnumbered message = futures(0);

        assertThat(message.isSnapshot()).isFalse();
        assertThat(message.sequence()).isEqualTo(54_193_715_981L);
        assertThat(Occurrences.ofDecoding().take(message))
                .containsExactly(new Trade(
                        message.instrument(),
                        TradeId.of("1795012346100000001-b-187.43-247.7-0"),
                        new BigDecimal("187.4300"),
                        new BigDecimal("247.7"),
                        TakerSide.BUY,
                        1_795_012_346_100_000_001L,
                        RECEIVED,
                        Trade.NO_SEQUENCE,
                        Origin.STREAM,
                        Set.of()));
    }

    @Test
    void rows_that_come_newest_first_are_given_oldest_first() {
        assertThat(ids(spot(1)))
                .containsExactly(
                        "1795012346100000102-b-187.435-0.2",
                        "1795012346100000102-b-187.435-0.2",
                        "1795012346100000103-b-187.44-1.2");
        assertThat(ids(futures(1)))
                .containsExactly(
                        "1795012346200000000-s-187.44-26",
                        "1795012346200000001-s-187.44-26",
                        "1795012346200000001-s-187.44-266.1");
    }

    @Test
    void a_snapshot_is_history_and_never_news() {
        assertThat(spot(2).isSnapshot()).isTrue();
        assertThat(spot(2).sequence()).isEqualTo(4999);
        assertThat(spot(2).rows())
                .hasSize(4)
                .allSatisfy(row -> assertThat(((Trade) row).origin()).isEqualTo(Origin.SNAPSHOT));
        assertThat(futures(2).isSnapshot()).isTrue();
        assertThat(ids(futures(2)))
                .containsExactly("1795012346000000001-b-187.42-0.5", "1795012346000000002-s-187.41-25");
    }

    @Test
    void an_empty_snapshot_is_one_all_the_same() {
        assertThat(spot(5).isSnapshot()).isTrue();
        assertThat(spot(5).rows()).isEmpty();
        assertThat(futures(6).isSnapshot()).isTrue();
    }

    @Test
    void keys_may_come_in_any_order_and_unknown_ones_hold_anything() {
        assertThat(spot(3).instrument().base()).isEqualTo("OL");
        assertThat(spot(3).isSnapshot()).isFalse();
        assertThat(ids(spot(3))).containsExactly("1795012346200000011-b-0.012287-4125000");
        assertThat(futures(3).isSnapshot()).isFalse();
        assertThat(ids(futures(3))).containsExactly("1795012346300000001-s-0.02157-12345678901234567890.5");
    }

    @Test
    void a_bad_row_never_costs_its_neighbours() {
        for (Message.Unnumbered message : List.of(spot(4), futures(4))) {
            assertThat(message.rows()).hasSize(3);
            assertThat(message.rows().get(0)).isInstanceOf(Trade.class);
            assertThat(message.rows().get(1)).isInstanceOfSatisfying(Rejected.class, rejected -> {
                assertThat(rejected.reason()).isEqualTo(RejectReason.MALFORMED);
                assertThat(rejected.instrument()).isEqualTo(message.instrument());
            });
            assertThat(message.rows().get(2)).isInstanceOf(Trade.class);
        }
    }

    @Test
    void escapes_exponents_and_integers_beyond_64_bits_are_exact() {
        assertThat(ids(spot(7))).containsExactly("1795012346400000001-b-187.45-123456789012.3456789");
        assertThat(ids(futures(5))).containsExactly("1795012346500000001-b-187.5-0.001");
    }

    @Test
    void letter_case_tells_ol_on_spot_from_the_perpetual_of_sol() {
        assertThat(spotListings.get("sOLUSDT").instrument()).isNotNull();
        String upper = Resources.lines("phemex/spot.jsonl").getFirst().replace("sSOLUSDT", "SSOLUSDT");
        assertThat(rejected(spot.read(frame(upper), spotTable)).reason()).isEqualTo(RejectReason.UNKNOWN_INSTRUMENT);
        String perpetual = Resources.lines("phemex/futures.jsonl").getFirst().replace("SOLUSDT", "sOLUSDT");
        assertThat(rejected(futures.read(frame(perpetual), futuresTable)).reason())
                .isEqualTo(RejectReason.UNKNOWN_INSTRUMENT);
    }

    @Test
    void every_row_of_a_coin_margined_contract_is_counted_and_none_is_a_trade() {
        Message message = spot.read(frame(Resources.lines("phemex/spot.jsonl").get(6)), spotTable);

        assertThat(message)
                .isInstanceOfSatisfying(
                        Message.Rows.class,
                        rows -> assertThat(rows.rows())
                                .hasSize(2)
                                .allSatisfy(row -> assertThat(((Rejected) row).reason())
                                        .isEqualTo(RejectReason.UNKNOWN_INSTRUMENT)));
    }

    @Test
    void each_family_has_its_own_key() {
        assertThat(futures.read(frame(Resources.lines("phemex/spot.jsonl").getFirst()), futuresTable))
                .isInstanceOf(Message.Ignored.class);
        assertThat(spot.read(frame(Resources.lines("phemex/futures.jsonl").getFirst()), spotTable))
                .isInstanceOf(Message.Ignored.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'1.5'      | null                 | MALFORMED          | no price",
                "'1.5'      | '0'                  | MALFORMED          | no price",
                "'1.5'      | '-1'                 | MALFORMED          | no price",
                "'1.5'      | 'abc'                | MALFORMED          | no price",
                "'1.5'      | ''                   | MALFORMED          | no price",
                "'1.5'      | {}                   | MALFORMED          | no price",
                "'1.5'      | '1E99999999999'      | MALFORMED          | no price",
                "'1.5'      | '1E999999'           | IMPLAUSIBLE_NUMBER | no such number",
                "'1.5'      | '1E-2147483647'      | IMPLAUSIBLE_NUMBER | no such number",
                "'1.5'      | '1e-31'              | IMPLAUSIBLE_NUMBER | no such number",
                "'2.5'      | '0.00'               | MALFORMED          | no quantity",
                "'2.5'      | true                 | MALFORMED          | no quantity",
                "'2.5'      | '12345678901234567890123456789012345678901' | IMPLAUSIBLE_NUMBER | no such number",
                ",'2.5'     | nothing              | MALFORMED          | no quantity",
                "'Buy'      | 'buy'                | MALFORMED          | no side",
                "'Buy'      | null                 | MALFORMED          | no side",
                "'Buy'      | 1                    | MALFORMED          | no side",
                "1795012346100000001 | null        | MALFORMED          | no time",
                "1795012346100000001 | -1          | MALFORMED          | no time",
                "1795012346100000001 | 1.795e18    | MALFORMED          | no time",
                "1795012346100000001 | 99999999999999999999 | MALFORMED | no time",
                "1795012346100000001 | 1795012346100000     | TIME_UNIT | another time unit",
                "1795012346100000001 | 1795012346100        | TIME_UNIT | another time unit",
                "1795012346100000001 | 0                    | TIME_UNIT | another time unit",
            })
    void a_bad_value_rejects_the_row_and_says_which(String good, String bad, RejectReason reason, String words) {
        String frame = "{'sequence':1,'symbol':'SOLUSDT','trades_p':[[1795012346100000001,'Buy','1.5','2.5']],"
                + "'type':'incremental'}";
        String wrong = frame.replace(good, bad.equals("nothing") ? "" : bad);
        assertThat(wrong).isNotEqualTo(frame);

        Message message = futures.read(frame(wrong.replace('\'', '"')), futuresTable);

        assertThat(((Message.Unnumbered) message).rows())
                .singleElement()
                .isInstanceOfSatisfying(Rejected.class, rejected -> {
                    assertThat(rejected.reason()).isEqualTo(reason);
                    assertThat(rejected.detail()).startsWith(words);
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'sequence':1,'symbol':null,'trades_p':[[1,'Buy','1','1']],'type':'snapshot'} | MALFORMED",
                "{'sequence':1,'trades_p':[[1,'Buy','1','1']],'type':'snapshot'} | MALFORMED",
                "{'sequence':1,'symbol':'LSKUSDT','trades_p':[[1,'Buy','1','1']],'type':'snapshot'} | UNKNOWN_INSTRUMENT",
            })
    void rows_without_an_instrument_are_counted_as_what_they_are(String frame, RejectReason reason) {
        assertThat(rejected(futures.read(frame(frame.replace('\'', '"')), futuresTable)))
                .satisfies(rejected -> assertThat(rejected.reason()).isEqualTo(reason))
                .satisfies(rejected -> assertThat(rejected.instrument()).isEqualTo(Instrument.unknown(FUTURES)));
    }

    @Test
    void a_frame_that_does_not_say_where_it_stands_is_read() {
        String frame = "{\"symbol\":\"SOLUSDT\",\"trades_p\":[[1795012346100000001,\"Buy\",\"1\",\"1\"]]}";

        assertThat(futures.read(frame(frame), futuresTable))
                .isInstanceOfSatisfying(Message.Unnumbered.class, message -> {
                    assertThat(message.isSnapshot()).isFalse();
                    assertThat(message.sequence()).isEqualTo(Message.Unnumbered.NO_SEQUENCE);
                    assertThat(ids(message)).containsExactly("1795012346100000001-b-1-1");
                });
    }

    // ---- what is no trade

    @Test
    void answers_are_known_by_their_number() {
        assertThat(control(0)).isEqualTo(new Message.Acknowledged(7));
        assertThat(control(1)).isInstanceOf(Message.Ignored.class);
    }

    @Test
    void a_symbol_that_is_refused_is_the_one_of_its_request() {
        assertThat(control(2)).isInstanceOfSatisfying(Message.Refused.class, refused -> {
            assertThat(refused.request()).isEqualTo(12);
            assertThat(refused.blame()).isEqualTo(Blame.OneOfThem.INSTANCE);
            assertThat(refused.failure().what()).contains("6001", "invalid argument", "phemex-futures");
        });
        assertThat(control(3))
                .isInstanceOfSatisfying(
                        Message.Refused.class,
                        refused -> assertThat(refused.request()).isEqualTo(Message.Refused.NO_REQUEST));
    }

    @Test
    void a_connection_that_is_full_sends_the_symbol_to_another_one() {
        assertThat(control(4)).isInstanceOfSatisfying(Message.Refused.class, refused -> {
            assertThat(refused.request()).isEqualTo(13);
            assertThat(refused.blame()).isEqualTo(Blame.Room.INSTANCE);
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 6, 7, 8, 9, 10, 11})
    void other_channels_are_silent_though_they_have_snapshots_too(int line) {
        assertThat(control(line)).isInstanceOf(Message.Ignored.class);
        assertThat(spot.read(frame(Resources.lines("phemex/control.jsonl").get(line)), spotTable))
                .isInstanceOf(Message.Ignored.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"'' | empty", "pong | not JSON", "{\"symbol\":\"SOL | truncated", "7 | not an object"})
    void what_nobody_can_read_is_said_to_be_so(String frame, String why) {
        assertThat(spot.read(frame(frame), spotTable)).isEqualTo(new Message.Unreadable(why));
    }

    @Test
    void an_array_is_nothing_that_the_exchange_sends() {
        assertThat(spot.read(frame("[{\"error\":null,\"id\":7,\"result\":{}}]"), spotTable))
                .isInstanceOf(Message.Ignored.class);
    }

    // ---- asking

    @Test
    void one_symbol_is_asked_for_in_a_frame_by_the_method_of_its_family() {
        assertThat(spot.limits().instrumentsPerFrame()).isOne();
        assertThat(spot.subscribe(7, List.of(instrument(spotListings, "sSOLUSDT")), Instant.EPOCH))
                .isEqualTo("{\"id\":7,\"method\":\"trade.subscribe\",\"params\":[\"sSOLUSDT\"]}");
        assertThat(futures.subscribe(8, List.of(instrument(futuresListings, "u1000SHIBUSDT")), Instant.EPOCH))
                .isEqualTo("{\"id\":8,\"method\":\"trade_p.subscribe\",\"params\":[\"u1000SHIBUSDT\"]}");
    }

    @Test
    void a_single_symbol_cannot_be_unsubscribed() {
        assertThat(spot.unsubscribe(7, List.of(instrument(spotListings, "sSOLUSDT")), Instant.EPOCH))
                .isEmpty();
    }

    @Test
    void the_client_is_heard_every_five_seconds() throws Exception {
        Endpoint endpoint = spot.endpoint(null, "x-1", new byte[0]);

        assertThat(endpoint.address()).isEqualTo(URI.create("wss://ws.phemex.com"));
        assertThat(endpoint.heartbeat()).isEqualTo(Duration.ofSeconds(5));
        assertThat(endpoint.silence()).isEqualTo(Duration.ofSeconds(30));
        assertThat(spot.heartbeat(Instant.EPOCH)).isEqualTo("{\"id\":0,\"method\":\"server.ping\",\"params\":[]}");
        assertThat(spot.greets()).isFalse();
    }

    @Test
    void another_address_can_be_configured() throws Exception {
        URI configured = URI.create("ws://127.0.0.1:4000/ws");

        assertThat(spot.endpoint(configured, "x-1", new byte[0]).address()).isEqualTo(configured);
    }

    @Test
    void spot_alone_needs_the_list_to_be_understood() {
        assertThat(spot.needsInstruments()).isTrue();
        assertThat(futures.needsInstruments()).isFalse();
    }

    @Test
    void a_thousand_trades_may_come_again_at_once() {
        assertThat(spot.evidence()).isEqualTo(new Evidence.ByUnbrokenConnection(false, 1000));
        assertThat(futures.evidence()).isEqualTo(spot.evidence());
    }

    // ---- the list of instruments

    @Test
    void spot_takes_what_the_rules_say() {
        assertThat(dropped(spotListings))
                .isEqualTo(Map.ofEntries(
                        Map.entry("sSOLUSDT", ""),
                        Map.entry("sOLUSDT", ""),
                        Map.entry("sXUSDT", ""),
                        Map.entry("sYUSDT", ""),
                        Map.entry("sNOSCALEUSDT", "no scales"),
                        Map.entry("sNOPRICEUSDT", "no scales"),
                        Map.entry("sODDPRICEUSDT", "priceScale is not that of quoteTickSize"),
                        Map.entry("sODDSIZEUSDT", "valueScale is not that of baseTickSize"),
                        Map.entry("sSOLTRY", "quoteCurrency TRY"),
                        Map.entry("sLUNAUSDT", "status Delisted"),
                        Map.entry("sEURUSDT", "fiat base"),
                        Map.entry("sUSDT", "no baseCurrency"),
                        Map.entry("BTCUSD", "type Perpetual"),
                        Map.entry("cETHUSDT", "type Perpetual")));
    }

    @Test
    void perpetuals_take_what_the_rules_say() {
        assertThat(dropped(futuresListings))
                .isEqualTo(Map.ofEntries(
                        Map.entry("SOLUSDT", ""),
                        Map.entry("APTUSDT", ""),
                        Map.entry("u1000SHIBUSDT", ""),
                        Map.entry("1INCHUSDT", ""),
                        Map.entry("TSLAUSDT", "perpProductSubType TradFi"),
                        Map.entry("OPENAIUSDT", "perpProductSubType PreMarket"),
                        Map.entry("NEWUSDT", "perpProductSubType Novel"),
                        Map.entry("BTCUSDC", "quoteCurrency USDC"),
                        Map.entry("ODDUSDT", "settleCurrency USDC"),
                        Map.entry("LSKUSDT", "status Delisted"),
                        Map.entry("OLDUSDT", "type Perpetual")));
    }

    @ParameterizedTest
    @CsvSource({
        "sSOLUSDT, 8, 8", // by the table of currencies, though it stands behind the products
        "sOLUSDT, 8, 4", // by the tick: the table does not have it
        "sXUSDT, 6, 4", // with a comma for thousands
        "sYUSDT, 8, 8", // without ticks
    })
    void scales_are_those_of_the_symbol_and_its_base(String symbol, int price, int size) {
        assertThat(instrument(spotListings, symbol).scales()).isEqualTo(new Scales(price, size));
    }

    @Test
    void a_counted_base_keeps_its_name_and_gives_its_count() {
        Instrument shib = instrument(futuresListings, "u1000SHIBUSDT");

        assertThat(shib.base()).isEqualTo("1000 SHIB");
        assertThat(shib.multiplier()).isEqualByComparingTo("1000");
        assertThat(shib.contractSize()).isEqualByComparingTo("1");
        assertThat(shib.scales()).isEqualTo(Scales.DECIMAL);
        assertThat(instrument(futuresListings, "1INCHUSDT").multiplier()).isEqualByComparingTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"code\":10500,\"msg\":\"busy\",\"data\":null}",
                "{\"code\":0,\"msg\":\"\",\"data\":{\"currencies\":[],\"products\":[],\"perpProductsV2\":[]}}",
                "{\"code\":0,\"msg\":\"\",\"data\":{\"products\":{},\"perpProductsV2\":null}}",
                "{\"products\":[{}],\"perpProductsV2\":[{}]}",
                "{\"code\":0,\"data\":{\"products\":[{",
                "[]"
            })
    void an_answer_without_products_is_none(String answer) {
        for (Connector connector : List.of(spot, futures)) {
            assertThatThrownBy(() -> connector.readInstruments(answer.getBytes(StandardCharsets.UTF_8)))
                    .isInstanceOf(UnreadableAnswer.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"1E2147483647 X\",\"baseTickSizeEv\":1",
                "\"1E-2147483647 X\",\"baseTickSizeEv\":1",
                "\"0 X\",\"baseTickSizeEv\":0",
                "\"0.3 X\",\"baseTickSizeEv\":100",
                "\"\",\"baseTickSizeEv\":100",
                "\" \",\"baseTickSizeEv\":100",
                "7,\"baseTickSizeEv\":\"x\"",
                "\"100 X\",\"baseTickSizeEv\":1",
                "\"1 X\",\"baseTickSizeEv\":1e999999999"
            })
    void a_tick_that_makes_no_scale_leaves_it_unknown(String tick) throws Exception {
        String row = "{\"symbol\":\"sXUSDT\",\"type\":\"Spot\",\"quoteCurrency\":\"USDT\",\"priceScale\":8,"
                + "\"baseCurrency\":\"X\",\"status\":\"Listed\",\"baseTickSize\":" + tick + "}";
        String answer = "{\"code\":0,\"data\":{\"products\":[" + row + "]}}";

        assertThat(spot.readInstruments(answer.getBytes(StandardCharsets.UTF_8)).listings())
                .singleElement()
                .satisfies(listing -> assertThat(listing.dropped()).isEqualTo("no scales"));
    }

    // ---- trades of the past

    @Test
    void each_family_has_its_own_page_of_the_past() {
        Stretch spotStretch = Stretch.newest(instrument(spotListings, "sSOLUSDT"));
        Stretch futuresStretch = Stretch.newest(instrument(futuresListings, "SOLUSDT"));

        assertThat(spot.trades(spotStretch).path()).isEqualTo("/md/trade?symbol=sSOLUSDT");
        assertThat(futures.trades(futuresStretch).path()).isEqualTo("/md/v2/trade?symbol=SOLUSDT");
        assertThat(spot.reach().isWhole()).isFalse();
    }

    @Test
    void a_page_of_the_past_gives_the_ids_of_the_stream_but_for_its_oldest_group() throws Exception {
        List<Row> rows = Past.rows(
                spot, Resources.bytes("phemex/spot-history.json"), instrument(spotListings, "sSOLUSDT"), RECEIVED);

        assertThat(rows).hasSize(4);
        assertThat(((Rejected) rows.getFirst()).reason()).isEqualTo(RejectReason.CUT_GROUP);
        assertThat(rows.stream().skip(1).map(row -> ((Trade) row).id().toString()))
                .containsExactly(
                        "1795012346100000102-b-187.435-0.2-0",
                        "1795012346100000102-b-187.435-0.2-1",
                        "1795012346100000103-b-187.44-1.2-0");
        assertThat(rows.stream().skip(1))
                .allSatisfy(row -> assertThat(((Trade) row).origin()).isEqualTo(Origin.REFILL));
        Occurrences connection = Occurrences.ofConnection();
        connection.take(spot(0));
        assertThat(connection.take(spot(1)).stream().map(row -> ((Trade) row).id()))
                .containsExactlyElementsOf(
                        rows.stream().skip(1).map(row -> ((Trade) row).id()).toList());
    }

    @Test
    void a_page_of_perpetual_trades_has_no_next_one() throws Exception {
        Stretch wanted = Past.after(instrument(futuresListings, "SOLUSDT"), Stretch.UNKNOWN);
        TradePage page = futures.readTrades(
                Resources.bytes("phemex/futures-history.json"),
                wanted,
                futures.trades(wanted),
                Origin.REFILL,
                RECEIVED);

        assertThat(page.next()).isNull();
        assertThat(page.rows().stream().skip(1).map(row -> ((Trade) row).id().toString()))
                .containsExactly("1795012346200000000-s-187.44-26-0", "1795012346200000001-s-187.44-266.1-0");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":{\"code\":6001,\"message\":\"invalid argument\"},\"id\":null,\"result\":null}",
                "{\"error\":null,\"id\":0,\"result\":{\"symbol\":\"sOLUSDT\",\"trades\":[],\"type\":\"snapshot\"}}",
                "{\"error\":null,\"id\":0,\"result\":{\"symbol\":\"sSOLUSDT\",\"type\":\"snapshot\"}}",
                "{\"symbol\":\"sSOLUSDT\",\"trades\":[],\"type\":\"snapshot\"}",
                "{\"error\":null,\"id\":0,\"result\":{\"symbol\":\"sSOLUSDT\",\"trades\":[[1795012346100,\"Buy\",1,1]]}}",
                "[]",
                "{\"error\":nul"
            })
    void an_answer_that_holds_no_trades_of_the_symbol_is_none(String answer) {
        assertThatThrownBy(() -> Past.rows(
                        spot, answer.getBytes(StandardCharsets.UTF_8), instrument(spotListings, "sSOLUSDT"), RECEIVED))
                .isInstanceOf(UnreadableAnswer.class);
    }

    @Test
    void a_bad_symbol_is_no_trouble_of_the_server() {
        byte[] badSymbol = "{\"error\":{\"code\":6001,\"message\":\"invalid argument\"},\"id\":null,\"result\":null}"
                .getBytes(StandardCharsets.UTF_8);

        assertThat(spot.errorCode(badSymbol)).isEqualTo("6001");
        assertThat(spot.errorCode("{\"error\":null,\"result\":{}}".getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
        assertThat(spot.errorCode("<html>".getBytes(StandardCharsets.UTF_8))).isEmpty();
    }

    // ---- reading them

    private static Map<String, Listing> listings(Connector connector) {
        try {
            return connector.readInstruments(Resources.bytes("phemex/products.json")).listings().stream()
                    .collect(Collectors.toMap(Listing::symbol, Function.identity()));
        } catch (UnreadableAnswer e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> dropped(Map<String, Listing> listings) {
        return listings.values().stream().collect(Collectors.toMap(Listing::symbol, Listing::dropped));
    }

    private static SymbolTable table(Map<String, Listing> listings) {
        return new SymbolTable(listings.values().stream()
                .map(Listing::instrument)
                .filter(java.util.Objects::nonNull)
                .toList());
    }

    private static Instrument instrument(Map<String, Listing> listings, String symbol) {
        return java.util.Objects.requireNonNull(listings.get(symbol).instrument());
    }

    private static Frame frame(String text) {
        return Frame.of(text, RECEIVED);
    }

    private Message.Unnumbered spot(int line) {
        return (Message.Unnumbered)
                spot.read(frame(Resources.lines("phemex/spot.jsonl").get(line)), spotTable);
    }

    private Message.Unnumbered futures(int line) {
        return (Message.Unnumbered)
                futures.read(frame(Resources.lines("phemex/futures.jsonl").get(line)), futuresTable);
    }

    private Message control(int line) {
        return futures.read(frame(Resources.lines("phemex/control.jsonl").get(line)), futuresTable);
    }

    /// Without their numbers.
    private static List<String> ids(Message.Unnumbered message) {
        return Occurrences.ofDecoding().take(message).stream()
                .map(row -> ((Trade) row).id().toString())
                .map(id -> id.substring(0, id.lastIndexOf('-')))
                .toList();
    }

    private static Rejected rejected(Message message) {
        assertThat(message).isInstanceOf(Message.Rows.class);
        return (Rejected) ((Message.Rows) message).rows().getFirst();
    }
}
