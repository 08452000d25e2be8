package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Origin;
import io.metdc.market.Rejected;
import io.metdc.market.Row;
import io.metdc.market.TakerSide;
import io.metdc.market.Trade;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GateTest {
    private static final Market SPOT = new Market(Exchange.GATE, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.GATE, MarketType.FUTURES);
    private static final Instrument SOL = Instrument.of(SPOT, "SOL_USDT", "SOL", "USDT");
    private static final Instrument PERPETUAL =
            new Instrument(FUTURES, "SOL_USDT", "SOL", "USDT", "USDT", new BigDecimal("0.1"), BigDecimal.ONE);
    private static final long RECEIVED = 1_795_012_346_900_000_000L;
    private static final Instant NOW = Instant.ofEpochMilli(1_795_012_346_900L);

    private final Connector spot = Connectors.of(SPOT).orElseThrow();
    private final Connector futures = Connectors.of(FUTURES).orElseThrow();

    private static List<Row> rows(Connector connector, String frame) {
        Instruments instruments = new SymbolTable(List.of(connector.market().equals(SPOT) ? SOL : PERPETUAL));
        return ((Message.Rows) connector.read(Frame.of(frame, RECEIVED), instruments)).rows();
    }

    private List<Row> spot(int line) {
        return rows(spot, Resources.lines("gate/spot.jsonl").get(line));
    }

    private List<Row> futures() {
        return rows(futures, Resources.lines("gate/futures.jsonl").getFirst());
    }

    private Message control(int line) {
        return spot.read(
                Frame.of(Resources.lines("gate/control.jsonl").get(line), RECEIVED), new SymbolTable(List.of(SOL)));
    }

    @Test
    void a_spot_trade_is_one_object_with_every_digit_of_its_time_and_its_own_numbering_for_holes() {
        Trade trade = (Trade) spot(0).getFirst();

        assertThat(trade.executedAtNanos()).isEqualTo(1_795_012_346_402_208_123L);
        assertThat(trade.id()).hasToString("217831625");
        assertThat(trade.sequence()).isEqualTo(17_831_625);
        assertThat(trade.takerSide()).isEqualTo(TakerSide.SELL);
        assertThat(trade.price()).hasToString("198.4500");
    }

    @Test
    void a_spot_trade_without_a_number_of_its_market_is_stored_and_proves_nothing() {
        Trade trade = (Trade) spot(1).getFirst();

        assertThat(trade.sequence()).isEqualTo(Trade.NO_SEQUENCE);
        assertThat(trade.executedAtNanos()).isEqualTo(1_795_012_346_403_340_000L);
        assertThat(trade.size()).isEqualByComparingTo("12345678901234567890.5");
    }

    @Test
    void the_sign_of_a_contracts_size_is_the_takers_side() {
        List<Row> rows = futures();

        assertThat(rows).hasSize(5);
        Trade sold = (Trade) rows.get(0);
        assertThat(sold.takerSide()).isEqualTo(TakerSide.SELL);
        assertThat(sold.size()).isEqualByComparingTo("2.5");
        assertThat(sold.quantity()).isEqualByComparingTo("0.25");
        assertThat(((Trade) rows.get(1)).takerSide()).isEqualTo(TakerSide.BUY);
        assertThat(((Trade) rows.get(1)).executedAtNanos()).isEqualTo(1_795_012_346_839_000_000L);
    }

    @Test
    void an_internal_trade_uses_its_number_and_is_none() {
        assertThat(futures().get(2))
                .isInstanceOfSatisfying(
                        Consumed.class,
                        consumed -> assertThat(consumed.sequence()).isEqualTo(846_107_578L));
    }

    @Test
    void a_size_of_nothing_and_a_live_row_without_milliseconds_are_rejected() {
        assertThat(futures().subList(3, 5)).hasOnlyElementsOfType(Rejected.class);
        Connector lenient = Connectors.forDecoding(FUTURES).orElseThrow();
        assertThat(rows(lenient, Resources.lines("gate/futures.jsonl").getFirst())
                        .get(4))
                .isInstanceOfSatisfying(
                        Trade.class,
                        trade -> assertThat(trade.executedAtNanos()).isEqualTo(1_795_012_346_000_000_000L));
    }

    @Test
    void a_time_that_is_no_number_is_not_made_up_from_the_seconds() {
        String frame = """
                {"channel":"spot.trades","event":"update","result":{"id":5,"create_time":1795012346,%s\
                "side":"buy","currency_pair":"SOL_USDT","amount":"1","price":"141.2"}}""";
        Connector decoding = Connectors.forDecoding(SPOT).orElseThrow();

        assertThat(rows(decoding, frame.formatted("")))
                .singleElement()
                .isInstanceOfSatisfying(
                        Trade.class,
                        trade -> assertThat(trade.executedAtNanos()).isEqualTo(1_795_012_346_000_000_000L));
        assertThat(rows(decoding, frame.formatted("\"create_time_ms\":\"soon\",")))
                .hasOnlyElementsOfType(Rejected.class);
    }

    @Test
    void answers_are_matched_by_number_and_refusals_name_their_symbol() {
        assertThat(control(0)).isEqualTo(new Message.Acknowledged(7));
        assertThat(((Message.Refused) control(1)).blame()).isEqualTo(new Blame.Symbol("NOPE_USDT"));
        assertThat(((Message.Refused) control(2)).blame()).isEqualTo(new Blame.Symbol("币安人生_USDT"));
        assertThat(((Message.Refused) control(3)).blame()).isEqualTo(Blame.Moment.INSTANCE);
        assertThat(control(4)).isInstanceOfSatisfying(Message.Refused.class, refused -> {
            assertThat(refused.request()).isEqualTo(Message.Refused.NO_REQUEST);
            assertThat(refused.blame()).isEqualTo(Blame.Request.INSTANCE);
        });
    }

    @Test
    void an_upgrade_asks_for_a_replacement() {
        assertThat(control(6)).isInstanceOf(Message.Closing.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 7, 8})
    void pongs_and_other_channels_are_ignored(int line) {
        assertThat(control(line)).isInstanceOf(Message.Ignored.class);
    }

    @Test
    void requests_carry_the_time_in_whole_seconds() {
        assertThat(futures.subscribe(7, List.of(PERPETUAL), NOW))
                .isEqualTo("{\"time\":1795012346,\"id\":7,\"channel\":\"futures.trades\",\"event\":\"subscribe\","
                        + "\"payload\":[\"SOL_USDT\"]}");
        assertThat(spot.heartbeat(NOW)).isEqualTo("{\"time\":1795012346,\"channel\":\"spot.ping\"}");
    }

    @ParameterizedTest
    @CsvSource({
        "ws://127.0.0.1:7, ws://127.0.0.1:7/ws/v4/",
        "ws://127.0.0.1:7/ws/v4, ws://127.0.0.1:7/ws/v4/",
        "wss://api.gateio.ws/ws/v4/, wss://api.gateio.ws/ws/v4/",
    })
    void the_spot_path_ends_with_a_slash(String configured, String expected) throws Exception {
        assertThat(spot.endpoint(URI.create(configured), "c", new byte[0]).address())
                .hasToString(expected);
    }

    @Test
    void contracts_are_asked_for_with_decimal_sizes() throws Exception {
        assertThat(futures.endpoint(null, "c", new byte[0]).headers()).containsEntry("X-Gate-Size-Decimal", "1");
        assertThat(futures.trades(Stretch.newest(PERPETUAL)).headers()).containsEntry("X-Gate-Size-Decimal", "1");
        assertThat(spot.endpoint(null, "c", new byte[0]).headers()).isEmpty();
    }

    private static Map<String, Listing> listings(Connector connector, String file) throws UnreadableAnswer {
        return connector.readInstruments(Resources.bytes(file)).listings().stream()
                .collect(Collectors.toMap(Listing::symbol, Function.identity()));
    }

    private static List<String> kept(Map<String, Listing> listings) {
        return listings.values().stream()
                .filter(listing -> listing.instrument() != null)
                .map(Listing::symbol)
                .toList();
    }

    @Test
    void pairs_are_selected_by_the_rules() throws Exception {
        Map<String, Listing> listings = listings(spot, "gate/pairs.json");

        assertThat(kept(listings)).containsExactlyInAnyOrder("SOL_USDT", "AVAX_USDT");
        assertThat(listings.get("SOL3L_USDT").dropped()).isEqualTo("leveraged token");
        assertThat(listings.get("ACMEX_USDT").dropped()).isEqualTo("tokenised stock");
        assertThat(listings.get("TSLAON_USDT").dropped()).isEqualTo("tokenised stock by list");
    }

    @Test
    void contracts_are_selected_by_the_rules() throws Exception {
        Map<String, Listing> listings = listings(futures, "gate/contracts.json");

        assertThat(kept(listings)).containsExactlyInAnyOrder("SOL_USDT", "1INCH_USDT", "币安人生_USDT", "MBABYDOGE_USDT");
        Instrument million = listings.get("MBABYDOGE_USDT").instrument();
        assertThat(million).isNotNull();
        assertThat(million.multiplier()).isEqualByComparingTo("1000000");
        Instrument odd = listings.get("1INCH_USDT").instrument();
        assertThat(odd).isNotNull();
        assertThat(odd.contractSize()).isEqualByComparingTo("9.6");
        assertThat(odd.base()).isEqualTo("1INCH");
    }

    @Test
    void exactly_a_hundred_contracts_were_a_page() throws Exception {
        byte[] hundred = IntStream.range(0, 100)
                .mapToObj(i -> "{\"name\":\"C" + i + "_USDT\",\"type\":\"direct\",\"quanto_multiplier\":\"1\"}")
                .toList()
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        RestRequest second =
                futures.readInstruments(hundred, futures.instruments()).next();
        assertThat(second).isNotNull();
        assertThat(second.path()).endsWith("limit=100&offset=100");
        RestRequest third = futures.readInstruments(hundred, second).next();
        assertThat(third).isNotNull();
        assertThat(third.path()).endsWith("&offset=200");
        assertThat(futures.readInstruments("[]".getBytes(StandardCharsets.UTF_8), third)
                        .next())
                .isNull();
        assertThatThrownBy(() -> futures.readInstruments("[]".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(UnreadableAnswer.class);
    }

    @Test
    void the_same_trades_by_rest_are_the_same_but_for_their_origin_and_oldest_first() throws Exception {
        List<Row> pairs = Past.rows(spot, Resources.bytes("gate/spot-trades.json"), SOL, RECEIVED);
        assertThat(pairs)
                .usingRecursiveComparison()
                .ignoringFields("origin")
                .isEqualTo(List.of(spot(0).getFirst(), spot(1).getFirst()));
        List<Row> contracts = Past.rows(futures, Resources.bytes("gate/futures-trades.json"), PERPETUAL, RECEIVED);
        assertThat(contracts)
                .usingRecursiveComparison()
                .ignoringFields("origin")
                .isEqualTo(futures().subList(0, 2));
    }

    @Test
    void a_stretch_is_asked_for_a_second_wider_and_page_by_page() throws Exception {
        Stretch wanted = new Stretch(SOL, 5, 90_000, NOW.minusSeconds(10), NOW);
        RestRequest first = spot.trades(wanted);
        assertThat(first.path())
                .isEqualTo("/spot/trades?currency_pair=SOL_USDT&limit=1000&from=1795012335&to=1795012347");
        byte[] page = IntStream.range(0, 1000)
                .mapToObj(
                        i -> "{\"id\":\"" + (90_000 - i) + "\",\"sequence_id\":\"" + (90_000 - i)
                                + "\",\"create_time_ms\":\"1795012346403.0\",\"side\":\"buy\",\"amount\":\"1\",\"price\":\"1\"}")
                .toList()
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        RestRequest second =
                spot.readTrades(page, wanted, first, Origin.REFILL, RECEIVED).next();
        assertThat(second).isNotNull();
        assertThat(second.path()).endsWith("&page=2");
        RestRequest third =
                spot.readTrades(page, wanted, second, Origin.REFILL, RECEIVED).next();
        assertThat(third).isNotNull();
        assertThat(third.path()).endsWith("&page=3");
    }
}
