package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
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
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BinanceTest {
    private static final Market SPOT = new Market(Exchange.BINANCE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.BINANCE, MarketType.FUTURES);
    private static final long RECEIVED = 1_793_000_001_000_000_000L;

    private final Connector spot = Connectors.of(SPOT).orElseThrow();
    private final Connector futures = Connectors.of(FUTURES).orElseThrow();
    private final Instrument solSpot = Instrument.of(SPOT, "SOLUSDT", "SOL", "USDT");
    private final Instrument solFutures = Instrument.of(FUTURES, "SOLUSDT", "SOL", "USDT");
    private final SymbolTable spotTable =
            new SymbolTable(List.of(solSpot, Instrument.of(SPOT, "柴犬USDT", "柴犬", "USDT")));
    private final SymbolTable futuresTable =
            new SymbolTable(List.of(solFutures, Instrument.of(FUTURES, "1000PEPEUSDT", "1000PEPE", "USDT")));

    // ---- trades

    @Test
    void an_aggregate_has_an_id_of_its_own_and_takes_the_numbers_of_its_trades() {
        Connector other = futures.substitute();
        Frame frame = Frame.of(
                "{\"stream\":\"solusdt@aggTrade\",\"data\":{\"e\":\"aggTrade\",\"E\":1793000000200,\"a\":5933014,"
                        + "\"s\":\"SOLUSDT\",\"p\":\"187.40\",\"q\":\"6\",\"nq\":\"6\",\"f\":100,\"l\":103,"
                        + "\"T\":1793000000123,\"m\":true,\"st\":1}}",
                7);
        List<Row> rows = ((Message.Rows) other.read(frame, SymbolTable.any(FUTURES))).rows();

        assertThat(rows.subList(0, 3))
                .allSatisfy(row -> assertThat(row)
                        .isInstanceOfSatisfying(
                                Consumed.class,
                                gone -> assertThat(gone.reason()).isEqualTo("aggTrade")));
        assertThat(rows.subList(0, 3))
                .extracting(row -> ((Consumed) row).sequence())
                .containsExactly(100L, 101L, 102L);
        assertThat(rows.getLast()).isInstanceOfSatisfying(Trade.class, trade -> {
            assertThat(trade.id()).hasToString("a5933014");
            assertThat(trade.id().isNumber()).isFalse();
            assertThat(trade.sequence()).isEqualTo(103);
            assertThat(trade.size()).isEqualByComparingTo("6");
            assertThat(trade.takerSide()).isEqualTo(TakerSide.SELL);
            assertThat(trade.executedAtNanos()).isEqualTo(1_793_000_000_123_000_000L);
        });
        assertThat(rows).hasSize(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"f\":100", "\"f\":104,\"l\":103", "\"f\":0,\"l\":9000000000", "\"f\":-1,\"l\":3"})
    void an_aggregate_whose_numbers_make_no_sense_is_rejected(String numbers) {
        Connector other = futures.substitute();
        Frame frame = Frame.of(
                "{\"e\":\"aggTrade\",\"a\":5933014,\"s\":\"SOLUSDT\",\"p\":\"187.40\",\"q\":\"6\"," + numbers
                        + ",\"T\":1793000000123,\"m\":true,\"st\":1}",
                7);

        assertThat(((Message.Rows) other.read(frame, SymbolTable.any(FUTURES))).rows())
                .singleElement()
                .isInstanceOf(Rejected.class);
    }

    @ParameterizedTest
    @CsvSource({
        "wss://fstream.binance.com/public/stream, wss://fstream.binance.com/market/stream",
        "wss://fstream.binance.com/public/ws,     wss://fstream.binance.com/market/ws",
        "ws://127.0.0.1:5,                        ws://127.0.0.1:5/market/stream",
    })
    void aggregates_come_on_a_route_of_their_own_and_single_trades_are_not_read_there(URI configured, URI expected)
            throws Exception {
        Connector other = futures.substitute();
        assertThat(other.endpoint(configured, "x", new byte[0]).address()).isEqualTo(expected);
        assertThat(other.subscribe(1, List.of(Instrument.of(FUTURES, "SOLUSDT", "SOL", "USDT")), Instant.EPOCH))
                .contains("solusdt@aggTrade");
        Frame single = Frame.of("{\"e\":\"trade\",\"s\":\"SOLUSDT\",\"t\":1}", 7);
        assertThat(other.read(single, SymbolTable.any(FUTURES))).isInstanceOf(Message.Ignored.class);
        assertThat(futures.substitute()).isSameAs(other);
        assertThat(other.substitute()).isNull();
        assertThat(spot.substitute()).isNull();
    }

    @Test
    void a_buyer_who_was_the_maker_means_the_taker_sold() {
        assertThat(trade(spot(0)).takerSide()).isEqualTo(TakerSide.SELL);
        assertThat(trade(spot(1)).takerSide()).isEqualTo(TakerSide.BUY);
    }

    @Test
    void a_spot_trade_is_read_as_the_exchange_wrote_it() {
        assertThat(trade(spot(0)))
                .isEqualTo(new Trade(
                        solSpot,
                        TradeId.of(9_000_000_001L),
                        new BigDecimal("187.43000000"),
                        new BigDecimal("3.20000000"),
                        TakerSide.SELL,
                        1_793_000_000_123_001_000L,
                        RECEIVED,
                        9_000_000_001L,
                        Origin.STREAM,
                        java.util.Set.of()));
    }

    @Test
    void raw_and_wrapped_frames_in_any_order_of_keys_are_read() {
        assertThat(trade(spot(1)).id()).isEqualTo(TradeId.of(9_000_000_002L));
        assertThat(trade(spot(2)).id()).isEqualTo(TradeId.of(9_000_000_003L));
    }

    @Test
    void tiny_prices_and_sizes_of_twenty_digits_survive() {
        assertThat(trade(spot(2)).price()).isEqualTo(new BigDecimal("0.000000000001"));
        assertThat(trade(spot(2)).size()).isEqualTo(new BigDecimal("12345678901234567890.5"));
    }

    @Test
    void exponents_the_id_zero_and_symbols_of_other_scripts_are_read() {
        Trade trade = trade(spot(3));

        assertThat(trade.price()).isEqualByComparingTo("0.00000015");
        assertThat(trade.size()).isEqualByComparingTo("1000");
        assertThat(trade.sequence()).isZero();
        assertThat(trade.instrument().base()).isEqualTo("柴犬");
    }

    @Test
    void old_order_ids_and_unknown_objects_that_repeat_names_are_skipped() {
        Trade trade = trade(spot(4));

        assertThat(trade.id()).isEqualTo(TradeId.of(9_000_000_004L));
        assertThat(trade.takerSide()).isEqualTo(TakerSide.SELL);
        assertThat(trade.price()).isEqualByComparingTo("187.45");
    }

    @Test
    void futures_times_are_milliseconds() {
        assertThat(trade(futures(0)).executedAtNanos()).isEqualTo(1_793_000_000_122_000_000L);
    }

    @Test
    void a_fill_by_retail_liquidity_is_a_trade_with_a_flag() {
        assertThat(trade(futures(1)).flags()).containsExactly(Flag.RPI);
    }

    @Test
    void prints_that_are_no_public_trade_consume_their_id() {
        assertThat(row(futures(2)))
                .isEqualTo(new Consumed(solFutures, 4_100_000_003L, 1_793_000_000_322_000_000L, RECEIVED, "NA"));
        assertThat(row(futures(3)))
                .isInstanceOfSatisfying(
                        Consumed.class,
                        consumed -> assertThat(consumed.reason()).isEqualTo("INSURANCE_FUND"));
        assertThat(row(futures(4)))
                .isInstanceOfSatisfying(
                        Consumed.class,
                        consumed -> assertThat(consumed.reason()).isEqualTo("ADL"));
    }

    @Test
    void a_kind_of_print_that_nobody_knows_yet_is_a_trade() {
        assertThat(trade(futures(5)).flags()).isEmpty();
    }

    @Test
    void coin_margined_trades_belong_to_another_market() {
        assertThat(futures(6)).isInstanceOf(Message.Ignored.class);
    }

    @Test
    void aggregated_trades_never_mix_with_single_ones_while_collecting() {
        assertThat(futures(7)).isInstanceOf(Message.Ignored.class);
    }

    @Test
    void decode_reads_aggregated_trades_without_a_sequence() {
        Connector decoding = Connectors.forDecoding(FUTURES).orElseThrow();
        Trade trade = trade(
                decoding.read(frame(Resources.lines("binance/futures.jsonl").get(7)), futuresTable));

        assertThat(trade.id()).isEqualTo(TradeId.of(55_000_001));
        assertThat(trade.sequence()).isEqualTo(Trade.NO_SEQUENCE);
    }

    @Test
    void a_symbol_that_is_not_collected_is_rejected_as_such() {
        String frame = Resources.lines("binance/spot.jsonl").getFirst().replace("SOLUSDT", "OTHERUSDT");

        assertThat(row(spot.read(frame(frame), spotTable))).isInstanceOfSatisfying(Rejected.class, rejected -> {
            assertThat(rejected.reason()).isEqualTo(RejectReason.UNKNOWN_INSTRUMENT);
            assertThat(rejected.instrument()).isEqualTo(Instrument.unknown(SPOT));
            assertThat(rejected.detail()).contains("OTHERUSDT");
        });
    }

    // ---- bad rows

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'p':'1'    | 'p':null   | price",
                "'p':'1'    | 'p':'-1'   | price",
                "'p':'1'    | 'p':'0'    | price",
                "'p':'1'    | 'p':'abc'  | price",
                "'p':'1'    | 'p':''     | price",
                "'p':'1'    | 'p':[1]    | price",
                "'p':'1'    | 'p':{}     | price",
                "'p':'1'    | 'p':true   | price",
                "'p':'1',   | nothing    | price",
                "'p':'1'    | 'p':'1E99999999999' | price",
                "'q':'2'    | 'q':'0.00' | size",
                "'q':'2',   | nothing    | size",
                "'m':true   | 'm':null   | side",
                "'m':true   | 'm':'true' | side",
                ",'m':true  | nothing    | side",
                "'t':3      | 't':-3     | id",
                "'t':3      | 't':null   | id",
                "'t':3      | 't':1.5    | id",
                "'t':3      | 't':99999999999999999999 | id",
                "'T':1793000000123001 | 'T':null | time",
                "'T':1793000000123001 | 'T':'soon' | time",
                "'T':1793000000123001 | 'T':1e15 | time",
                "'s':'SOLUSDT' | 's':null | instrument",
                "'s':'SOLUSDT' | 's':7    | instrument",
            })
    void a_bad_field_rejects_the_row_and_says_which(String good, String bad, String word) {
        String frame = "{'e':'trade','s':'SOLUSDT','t':3,'p':'1','q':'2','T':1793000000123001,'m':true}";
        String wrong = frame.replace(good, bad.equals("nothing") ? "" : bad);
        assertThat(wrong).isNotEqualTo(frame);

        assertThat(row(spot.read(frame(wrong.replace('\'', '"')), spotTable)))
                .isInstanceOfSatisfying(Rejected.class, rejected -> {
                    assertThat(rejected.reason()).isIn(RejectReason.MALFORMED, RejectReason.UNKNOWN_INSTRUMENT);
                    assertThat(rejected.detail()).contains(word);
                    assertThat(rejected.receivedAtNanos()).isEqualTo(RECEIVED);
                });
    }

    @Test
    void a_number_of_ten_thousand_digits_costs_its_own_row_only() {
        String frame = "{\"e\":\"trade\",\"s\":\"SOLUSDT\",\"t\":3,\"p\":" + "9".repeat(10_000)
                + ",\"q\":\"2\",\"T\":1793000000123001,\"m\":true}";

        assertThat(row(spot.read(frame(frame), spotTable))).isInstanceOfSatisfying(Rejected.class, rejected -> {
            assertThat(rejected.reason()).isEqualTo(RejectReason.MALFORMED);
            assertThat(rejected.sequence()).isEqualTo(3);
            assertThat(rejected.detail()).hasSizeLessThanOrEqualTo(Rejected.MAX_DETAIL);
        });
    }

    @Test
    void a_huge_exponent_is_read_and_left_to_the_plausibility_check() {
        String frame = "{\"e\":\"trade\",\"s\":\"SOLUSDT\",\"t\":3,\"p\":\"1E999999999\",\"q\":\"2\","
                + "\"T\":1793000000123001,\"m\":true}";

        assertThat(trade(spot.read(frame(frame), spotTable)).price()).isEqualTo(new BigDecimal("1E999999999"));
    }

    @Test
    void a_time_in_milliseconds_on_a_stream_of_microseconds_is_rejected() {
        String millis = Resources.lines("binance/spot.jsonl").getFirst().replace("1793000000123001", "1793000000123");

        assertThat(row(spot.read(frame(millis), spotTable)))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(RejectReason.TIME_UNIT));
    }

    @Test
    void a_time_in_microseconds_on_a_stream_of_milliseconds_is_rejected() {
        Connector millis = spot.withTimeUnit(ChronoUnit.MILLIS);

        assertThat(row(millis.read(frame(Resources.lines("binance/spot.jsonl").getFirst()), spotTable)))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.reason()).isEqualTo(RejectReason.TIME_UNIT));
    }

    @Test
    void decode_reads_both_time_units() {
        Connector decoding = Connectors.forDecoding(SPOT).orElseThrow();
        String micros = Resources.lines("binance/spot.jsonl").getFirst();
        String millis = micros.replace("1793000000123001", "1793000000123");

        assertThat(trade(decoding.read(frame(micros), spotTable)).executedAtNanos())
                .isEqualTo(1_793_000_000_123_001_000L);
        assertThat(trade(decoding.read(frame(millis), spotTable)).executedAtNanos())
                .isEqualTo(1_793_000_000_123_000_000L);
    }

    @Test
    void a_time_that_makes_sense_in_no_unit_is_left_to_the_plausibility_check() {
        String epoch = Resources.lines("binance/spot.jsonl").getFirst().replace("1793000000123001", "1000");
        String never =
                Resources.lines("binance/spot.jsonl").getFirst().replace("1793000000123001", "9000000000000000000");

        assertThat(trade(spot.read(frame(epoch), spotTable)).executedAtNanos()).isEqualTo(1_000_000);
        assertThat(trade(spot.read(frame(never), spotTable)).executedAtNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void only_spot_has_a_choice_of_time_units() {
        assertThatThrownBy(() -> futures.withTimeUnit(ChronoUnit.MICROS)).hasMessageContaining("binance-futures");
        assertThatThrownBy(() -> spot.withTimeUnit(ChronoUnit.NANOS)).isInstanceOf(IllegalArgumentException.class);
        assertThat(futures.withTimeUnit(ChronoUnit.MILLIS).market()).isEqualTo(FUTURES);
    }

    // ---- other messages

    @Test
    void an_answer_is_known_by_its_number_in_any_order_of_keys() {
        assertThat(control(0)).isEqualTo(new Message.Acknowledged(7));
        assertThat(control(1)).isEqualTo(new Message.Acknowledged(8));
    }

    @Test
    void errors_are_refusals_in_both_forms_and_without_a_number() {
        assertThat(refused(2).request()).isEqualTo(9);
        assertThat(refused(2).failure().what()).contains("binance-spot", "2", "unknown field");
        assertThat(refused(3).request()).isEqualTo(10);
        assertThat(refused(3).failure().what()).contains("must be true");
        assertThat(refused(4).request()).isEqualTo(Message.Refused.NO_REQUEST);
    }

    @Test
    void a_server_that_will_shut_down_is_heard_raw_and_wrapped() {
        assertThat(control(5)).isEqualTo(new Message.Closing("serverShutdown"));
        assertThat(control(6)).isEqualTo(new Message.Closing("serverShutdown"));
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8, 9, 10, 11, 12})
    void lists_other_streams_and_arrays_are_ignored(int line) {
        assertThat(control(line)).isInstanceOf(Message.Ignored.class);
    }

    // ---- addresses and requests

    @ParameterizedTest
    @CsvSource({
        "wss://a.example:9443,                        wss://a.example:9443/stream?timeUnit=MICROSECOND",
        "wss://a.example/,                            wss://a.example/stream?timeUnit=MICROSECOND",
        "wss://a.example//,                           wss://a.example/stream?timeUnit=MICROSECOND",
        "wss://a.example/stream//?x=1,                wss://a.example/stream?x=1&timeUnit=MICROSECOND",
        "wss://a.example/ws,                          wss://a.example/ws?timeUnit=MICROSECOND",
        "wss://a.example/stream?x=1,                  wss://a.example/stream?x=1&timeUnit=MICROSECOND",
        "wss://a.example/stream?timeUnit=MICROSECOND, wss://a.example/stream?timeUnit=MICROSECOND",
    })
    void spot_addresses_get_what_is_missing(String configured, String expected) throws Exception {
        assertThat(spot.endpoint(URI.create(configured), "c", new byte[0]).address())
                .isEqualTo(URI.create(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "wss://a.example,               wss://a.example/public/stream",
        "wss://a.example//,             wss://a.example/public/stream",
        "wss://a.example/public,        wss://a.example/public/stream",
        "wss://a.example/public/,       wss://a.example/public/stream",
        "wss://a.example/public/ws/,    wss://a.example/public/ws",
        "wss://a.example/stream,        wss://a.example/stream",
        "ws://127.0.0.1:8080/public/ws, ws://127.0.0.1:8080/public/ws",
    })
    void futures_addresses_take_the_public_route(String configured, String expected) throws Exception {
        assertThat(futures.endpoint(URI.create(configured), "c", new byte[0]).address())
                .isEqualTo(URI.create(expected));
    }

    @Test
    void in_milliseconds_no_unit_is_asked_for() throws Exception {
        assertThat(spot.withTimeUnit(ChronoUnit.MILLIS)
                        .endpoint(spot.defaultWebsocketUrl(), "c", new byte[0])
                        .address())
                .hasPath("/stream")
                .hasNoQuery();
    }

    @Test
    void stream_names_are_lower_case_in_the_latin_letters_only() {
        Instrument turkish = Instrument.of(SPOT, "İIUSDT", "İI", "USDT");

        assertThat(spot.subscribe(5, List.of(solSpot, turkish), Instant.EPOCH))
                .isEqualTo("{\"method\":\"SUBSCRIBE\",\"params\":[\"solusdt@trade\",\"İiusdt@trade\"],\"id\":5}");
        assertThat(spot.unsubscribe(6, List.of(solSpot), Instant.EPOCH))
                .isEqualTo("{\"method\":\"UNSUBSCRIBE\",\"params\":[\"solusdt@trade\"],\"id\":6}");
    }

    @Test
    void no_symbol_can_break_out_of_the_request() {
        Instrument odd = Instrument.of(SPOT, "A\"],\"x\":[\"B\\", "A", "USDT");

        assertThat(spot.subscribe(1, List.of(odd), Instant.EPOCH)).contains("\"a\\\"],\\\"x\\\":[\\\"b\\\\@trade\"");
    }

    @Test
    void connections_are_opened_one_a_second_at_most() {
        assertThat(List.of(spot.limits().connects(), futures.limits().connects()))
                .containsOnly(new Limits.Rate(1, Duration.ofSeconds(1)));
    }

    // ---- instruments

    @Test
    void spot_instruments_are_selected_by_the_rules() throws Exception {
        Map<String, Listing> listings = listings(spot, "binance/spot-instruments.json");

        assertThat(collected(listings))
                .containsExactlyInAnyOrder(
                        "SOLUSDT", "柴犬USDT", "1000CATUSDT", "1MBABYDOGEUSDT", "1INCHUSDT", "ARBUSDT", "USDCUSDT");
        assertThat(dropped(listings, "SOLBTC")).isEqualTo("quoteAsset BTC");
        assertThat(dropped(listings, "OLDUSDT")).isEqualTo("status BREAK");
        assertThat(dropped(listings, "NEWUSDT")).isEqualTo("status SOME_NEW_STATE");
        assertThat(dropped(listings, "SOLUPUSDT")).contains("isSpotTradingAllowed");
        assertThat(dropped(listings, "ACMEBUSDT")).isEqualTo("tokenised stock");
        assertThat(dropped(listings, "NVDABUSDT")).isEqualTo("tokenised stock by list");
        assertThat(dropped(listings, "EURUSDT")).isEqualTo("fiat base");
        assertThat(dropped(listings, "NOBASEUSDT")).isEqualTo("no baseAsset");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "[[\"SPOT\",\"TRD_GRP_261\"]] | false",
                "[[\"SPOT\"],[\"TRD_GRP_261\"]] | false",
                "[\"SPOT\",\"TRD_GRP_261\"] | false",
                "[[\"SPOT\",\"TRD_GRP_2610\"]] | true",
                "[[\"SPOT\",\"OLD_TRD_GRP_261\"]] | true",
                "[] | true",
                "null | true",
            })
    void only_the_very_permission_group_of_stocks_keeps_a_coin_out(String permissionSets, boolean collected)
            throws Exception {
        String list = "{\"symbols\":[{\"symbol\":\"SOLUSDT\",\"status\":\"TRADING\",\"baseAsset\":\"SOL\","
                + "\"quoteAsset\":\"USDT\",\"isSpotTradingAllowed\":true,\"permissionSets\":" + permissionSets + "}]}";

        assertThat(spot.readInstruments(list.getBytes(StandardCharsets.UTF_8)).listings())
                .singleElement()
                .satisfies(listing -> assertThat(listing.instrument() != null).isEqualTo(collected));
    }

    @Test
    void futures_instruments_are_selected_by_the_rules() throws Exception {
        Map<String, Listing> listings = listings(futures, "binance/futures-instruments.json");

        assertThat(collected(listings)).containsExactlyInAnyOrder("SOLUSDT", "1000PEPEUSDT", "1000000MOGUSDT");
        assertThat(dropped(listings, "SOLUSDT_270326")).isEqualTo("contractType CURRENT_QUARTER");
        assertThat(dropped(listings, "INDEXUSDT")).isEqualTo("underlyingType INDEX");
        assertThat(dropped(listings, "SOLUSDC")).isEqualTo("quoteAsset USDC");
        assertThat(dropped(listings, "GONEUSDT")).isEqualTo("status SETTLING");
    }

    @ParameterizedTest
    @CsvSource({
        "1000CATUSDT, 1000",
        "1MBABYDOGEUSDT, 1000000",
        "1INCHUSDT, 1",
        "SOLUSDT, 1",
    })
    void a_multiplied_base_says_how_many_coins_a_unit_is(String symbol, BigDecimal multiplier) throws Exception {
        Instrument instrument =
                listings(spot, "binance/spot-instruments.json").get(symbol).instrument();

        assertThat(instrument).isNotNull();
        assertThat(instrument.multiplier()).isEqualByComparingTo(multiplier);
        assertThat(instrument.contractSize()).isEqualByComparingTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>busy</html>",
                "[]",
                "{}",
                "{\"symbols\":[]}",
                "{\"symbols\":{}}",
                "{\"code\":-1003,\"msg\":\"busy\"}",
                "{\"symbols\":[{\"symbol\":\"SOLUSDT\"},{\"symb",
                "{\"symbols\":[{}]} and more",
                "{\"symbols\":[{\"tickSize\":1E99999999999}]}",
            })
    void an_answer_that_is_no_whole_list_is_an_error(String answer) {
        assertThatThrownBy(() -> spot.readInstruments(answer.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableAnswer.class);
    }

    // ---- trades by REST

    @Test
    void spot_trades_are_asked_by_id_and_in_microseconds() {
        RestRequest request = spot.trades(Past.after(solSpot, 9_000_000_000L));

        assertThat(request.path()).isEqualTo("/api/v3/historicalTrades?symbol=SOLUSDT&limit=1000&fromId=9000000001");
        assertThat(request.headers()).containsEntry("X-MBX-TIME-UNIT", "MICROSECOND");
        assertThat(spot.trades(Stretch.newest(solSpot)).path()).isEqualTo("/api/v3/trades?symbol=SOLUSDT&limit=1000");
        assertThat(spot.withTimeUnit(ChronoUnit.MILLIS)
                        .trades(Stretch.newest(solSpot))
                        .headers())
                .isEmpty();
        assertThat(spot.trades(Stretch.newest(Instrument.of(SPOT, "柴犬USDT", "柴犬", "USDT")))
                        .path())
                .isEqualTo("/api/v3/trades?symbol=%E6%9F%B4%E7%8A%ACUSDT&limit=1000");
    }

    @Test
    void futures_have_the_newest_trades_only() {
        assertThat(futures.trades(Past.after(solFutures, 1))).isEqualTo(futures.trades(Stretch.newest(solFutures)));
        assertThat(futures.trades(Stretch.newest(solFutures)).path())
                .isEqualTo("/fapi/v1/trades?symbol=SOLUSDT&limit=1000");
    }

    @Test
    void the_same_trade_by_stream_and_by_rest_is_the_same_but_for_its_origin() throws Exception {
        Trade byStream = trade(spot(0));
        Trade byRest = (Trade) Past.rows(spot, Resources.bytes("binance/spot-history.json"), solSpot, RECEIVED)
                .getFirst();

        assertThat(byRest).usingRecursiveComparison().ignoringFields("origin").isEqualTo(byStream);
        assertThat(byRest.origin()).isEqualTo(Origin.REFILL);
    }

    @Test
    void futures_trades_by_rest_carry_their_flag() throws Exception {
        List<Row> rows = Past.rows(futures, Resources.bytes("binance/futures-history.json"), solFutures, RECEIVED);

        assertThat(rows)
                .extracting(row -> ((Trade) row).flags())
                .containsExactly(java.util.Set.of(), java.util.Set.of(Flag.RPI));
    }

    @Test
    void a_rest_answer_in_another_time_unit_is_not_taken() {
        byte[] micros = Resources.bytes("binance/spot-history.json");

        assertThatThrownBy(() -> Past.rows(spot.withTimeUnit(ChronoUnit.MILLIS), micros, solSpot, 0))
                .isInstanceOf(UnreadableAnswer.class)
                .hasMessageContaining("time unit");
    }

    @Test
    void a_bad_rest_row_never_harms_its_neighbours() throws Exception {
        String answer = "[{\"id\":1,\"price\":\"x\"},17,null,[],"
                + new String(Resources.bytes("binance/spot-history.json"), StandardCharsets.UTF_8).substring(1);

        List<Row> rows = Past.rows(spot, answer.getBytes(StandardCharsets.UTF_8), solSpot, RECEIVED);

        assertThat(rows).hasSize(6);
        assertThat(rows.subList(0, 4)).allSatisfy(row -> assertThat(row).isInstanceOf(Rejected.class));
        assertThat(rows.subList(4, 6)).allSatisfy(row -> assertThat(row).isInstanceOf(Trade.class));
    }

    @Test
    void no_trades_by_rest_are_no_error_but_everything_else_is() throws Exception {
        assertThat(Past.rows(spot, "[]".getBytes(StandardCharsets.UTF_8), solSpot, 0))
                .isEmpty();
        byte[] error = "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> Past.rows(spot, error, solSpot, 0))
                .isInstanceOf(UnreadableAnswer.class)
                .hasMessageContaining("-1121");
        assertThatThrownBy(() -> Past.rows(spot, "<html>".getBytes(StandardCharsets.UTF_8), solSpot, 0))
                .isInstanceOf(UnreadableAnswer.class);
    }

    @Test
    void the_end_of_a_ban_is_read_from_its_text() {
        String ban = "{\"code\":-1003,\"msg\":\"Way too much request weight used; IP banned until 1793000123456. Use"
                + " streams.\"}";

        assertThat(spot.banEndMillis(ban.getBytes(StandardCharsets.UTF_8))).hasValue(1_793_000_123_456L);
        assertThat(spot.banEndMillis("{\"code\":-1121}".getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
    }

    // ----

    private Message spot(int line) {
        return spot.read(frame(Resources.lines("binance/spot.jsonl").get(line)), spotTable);
    }

    private Message futures(int line) {
        return futures.read(frame(Resources.lines("binance/futures.jsonl").get(line)), futuresTable);
    }

    private Message control(int line) {
        return spot.read(frame(Resources.lines("binance/control.jsonl").get(line)), spotTable);
    }

    private Message.Refused refused(int line) {
        return (Message.Refused) control(line);
    }

    private static Frame frame(String text) {
        return Frame.of(text, RECEIVED);
    }

    private static Row row(Message message) {
        assertThat(message).isInstanceOf(Message.Rows.class);
        assertThat(((Message.Rows) message).rows()).hasSize(1);
        return ((Message.Rows) message).rows().getFirst();
    }

    private static Trade trade(Message message) {
        assertThat(row(message)).isInstanceOf(Trade.class);
        return (Trade) row(message);
    }

    private static Map<String, Listing> listings(Connector connector, String path) throws UnreadableAnswer {
        return connector.readInstruments(Resources.bytes(path)).listings().stream()
                .collect(Collectors.toMap(Listing::symbol, Function.identity(), (first, _) -> first));
    }

    private static List<String> collected(Map<String, Listing> listings) {
        return listings.values().stream()
                .filter(listing -> listing.instrument() != null)
                .map(Listing::symbol)
                .toList();
    }

    private static String dropped(Map<String, Listing> listings, String symbol) {
        return listings.get(symbol).dropped();
    }
}
