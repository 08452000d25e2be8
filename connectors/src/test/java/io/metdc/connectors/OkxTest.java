package io.metdc.connectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Exchange;
import io.metdc.market.Failure;
import io.metdc.market.Flag;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
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

class OkxTest {
    private static final Market SPOT = new Market(Exchange.OKX, MarketType.SPOT);
    private static final Market FUTURES = new Market(Exchange.OKX, MarketType.FUTURES);
    private static final Instrument SOL =
            new Instrument(FUTURES, "SOL-USDT-SWAP", "SOL", "USDT", "USDT", new BigDecimal("0.1"), BigDecimal.ONE);
    private static final long RECEIVED = 1_795_012_346_310_000_000L;

    private final Connector spot = Connectors.of(SPOT).orElseThrow();
    private final Connector swap = Connectors.of(FUTURES).orElseThrow();
    private final List<String> frames = Resources.lines("okx/frames.jsonl");

    private Message read(int line) {
        return swap.read(Frame.of(frames.get(line), RECEIVED), new SymbolTable(List.of(SOL)));
    }

    private List<Row> rows(int line) {
        return ((Message.Rows) read(line)).rows();
    }

    @Test
    void a_swap_counts_contracts_and_its_ids_leave_no_number_out() {
        Trade first = (Trade) rows(0).getFirst();

        assertThat(first.size()).isEqualByComparingTo("0.01");
        assertThat(first.quantity()).isEqualByComparingTo("0.001");
        assertThat(first.sequence()).isEqualTo(2_953_620_307L);
        assertThat(first.takerSide()).isEqualTo(TakerSide.SELL);
        assertThat(first.executedAtNanos()).isEqualTo(1_795_012_346_299_000_000L);
        assertThat(first.flags()).containsExactly(Flag.RPI);
        assertThat(rows(0)).hasSize(2);
        assertThat(((Trade) rows(0).get(1)).flags()).isEmpty();
    }

    @Test
    void a_bad_row_never_harms_its_neighbours_and_keeps_its_number() {
        assertThat(rows(1)).hasSize(3);
        assertThat(rows(1).subList(0, 2)).hasOnlyElementsOfType(Rejected.class);
        assertThat(((Rejected) rows(1).getFirst()).sequence()).isEqualTo(5);
        assertThat(rows(1).get(2)).isInstanceOf(Trade.class);
    }

    @Test
    void an_id_beyond_64_bits_costs_no_trade_and_proves_nothing() {
        String frame = """
                {"arg":{"channel":"trades-all","instId":"SOL-USDT-SWAP"},"data":[{"instId":"SOL-USDT-SWAP",\
                "tradeId":"18446744073709551616","px":"141.2","sz":"3","side":"buy","ts":"1795012346299"}]}""";
        Message read = swap.read(Frame.of(frame, RECEIVED), new SymbolTable(List.of(SOL)));

        assertThat(((Message.Rows) read).rows()).singleElement().isInstanceOfSatisfying(Trade.class, trade -> {
            assertThat(trade.id()).hasToString("18446744073709551616");
            assertThat(trade.sequence()).isEqualTo(Trade.NO_SEQUENCE);
        });
    }

    @Test
    void the_merged_channel_is_for_decoding_alone() {
        assertThat(read(2)).isInstanceOf(Message.Ignored.class);
        Message decoded = Connectors.forDecoding(FUTURES)
                .orElseThrow()
                .read(Frame.of(frames.get(2), RECEIVED), new SymbolTable(List.of(SOL)));
        assertThat(((Message.Rows) decoded).rows())
                .singleElement()
                .isInstanceOfSatisfying(
                        Trade.class, trade -> assertThat(trade.sequence()).isEqualTo(Trade.NO_SEQUENCE));
    }

    @Test
    void every_argument_of_a_request_is_acknowledged_by_itself() {
        assertThat(read(3)).isEqualTo(new Message.Named(List.of(SOL)));
    }

    @Test
    void an_unknown_symbol_is_named_in_the_text_of_its_refusal() {
        assertThat(read(4)).isInstanceOfSatisfying(Message.Refused.class, refused -> {
            assertThat(refused.request()).isEqualTo(8);
            assertThat(refused.blame()).isEqualTo(new Blame.Symbol("NOPE-USDT-SWAP"));
        });
    }

    @Test
    void too_frequent_requests_are_sent_again_later_and_a_wanted_login_is_fatal() {
        assertThat(((Message.Refused) read(5)).blame()).isEqualTo(Blame.Moment.INSTANCE);
        assertThat(((Message.Refused) read(6)).failure()).isInstanceOf(Failure.Fatal.class);
    }

    @Test
    void the_notice_of_an_upgrade_asks_for_a_replacement() {
        assertThat(read(7)).isInstanceOf(Message.Closing.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 9, 10, 11})
    void pongs_other_events_and_other_channels_are_ignored(int line) {
        assertThat(read(line)).isInstanceOf(Message.Ignored.class);
    }

    @Test
    void microseconds_are_another_unit_and_never_stored() {
        Message message = swap.read(
                Frame.of(frames.get(0).replace("\"1795012346299\"", "\"1795012346299000\""), RECEIVED),
                new SymbolTable(List.of(SOL)));

        assertThat(((Message.Rows) message).rows().getFirst()).isInstanceOf(Rejected.class);
    }

    @Test
    void requests_name_the_channel_of_single_matches() {
        assertThat(swap.subscribe(3, List.of(SOL), Instant.EPOCH))
                .isEqualTo("{\"id\":\"3\",\"op\":\"subscribe\",\"args\":[{\"channel\":\"trades-all\","
                        + "\"instId\":\"SOL-USDT-SWAP\"}]}");
        assertThat(swap.heartbeat(Instant.EPOCH)).isEqualTo("ping");
        assertThat(swap.repeatsLast()).isTrue();
        assertThat(swap.needsInstruments()).isTrue();
        assertThat(spot.needsInstruments()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "wss://ws.okx.com/ws/v5/public, wss://ws.okx.com/ws/v5/business",
        "ws://127.0.0.1:7/okx/ws/v5/public/, ws://127.0.0.1:7/okx/ws/v5/business",
        "ws://127.0.0.1:7/ws/v5/business, ws://127.0.0.1:7/ws/v5/business",
        "ws://127.0.0.1:7, ws://127.0.0.1:7/ws/v5/business",
    })
    void the_business_socket_follows_the_public_address(String configured, String expected) throws Exception {
        assertThat(swap.endpoint(URI.create(configured), "c", new byte[0]).address())
                .hasToString(expected);
    }

    private static Map<String, Listing> listings(Connector connector, String file) throws UnreadableAnswer {
        return connector.readInstruments(Resources.bytes(file)).listings().stream()
                .collect(Collectors.toMap(Listing::symbol, Function.identity()));
    }

    private static List<String> kept(Map<String, Listing> listings) {
        return listings.values().stream()
                .filter(listing -> listing.instrument() != null)
                .map(Listing::symbol)
                .sorted()
                .toList();
    }

    @Test
    void swaps_are_selected_by_the_rules_and_an_empty_value_fails_no_list() throws Exception {
        Map<String, Listing> listings = listings(swap, "okx/swaps.json");

        assertThat(kept(listings)).containsExactly("CAT-USDT-SWAP", "SOL-USDT-SWAP");
        Instrument sol = listings.get("SOL-USDT-SWAP").instrument();
        assertThat(sol).isNotNull();
        assertThat(sol.contractSize()).isEqualByComparingTo("0.1");
        assertThat(sol.base()).isEqualTo("SOL");
        assertThat(listings.get("AAPL-USDT-SWAP").dropped()).isEqualTo("instCategory 3");
        assertThat(listings.get("MUU-USDT-SWAP").dropped()).isEqualTo("ruleType rebase_contract");
        assertThat(listings.get("ZERO-USDT-SWAP").dropped()).isEqualTo("no positive contract size");
        assertThat(listings.get("NEW-USDT-SWAP").dropped()).isEqualTo("state preopen");
    }

    @Test
    void spot_instruments_are_selected_by_the_rules() throws Exception {
        Map<String, Listing> listings = listings(spot, "okx/spot.json");

        assertThat(kept(listings)).containsExactly("OLD-USDT", "SOL-USDT");
        assertThat(listings.get("USDT-USD").dropped()).isEqualTo("quoteCcy USD");
        assertThat(listings.get("EUR-USDT").dropped()).isEqualTo("fiat base");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "<html>",
                "{\"code\":\"50011\",\"msg\":\"Too Many Requests\",\"data\":[]}",
                "{\"code\":\"0\",\"data\":[{\"instId\":\"SOL",
            })
    void an_answer_that_is_no_whole_list_is_an_error(String answer) {
        byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> swap.readInstruments(bytes)).isInstanceOf(UnreadableAnswer.class);
        assertThatThrownBy(() -> Past.rows(swap, bytes, SOL, 0)).isInstanceOf(UnreadableAnswer.class);
    }

    @Test
    void the_same_trades_by_rest_are_the_same_but_for_their_origin_and_oldest_first() throws Exception {
        assertThat(Past.rows(swap, Resources.bytes("okx/trades.json"), SOL, RECEIVED))
                .usingRecursiveComparison()
                .ignoringFields("origin")
                .isEqualTo(rows(0));
    }

    private static byte[] page(long newest, int rows) {
        return ("{\"code\":\"0\",\"data\":"
                        + IntStream.range(0, rows)
                                .mapToObj(i -> "{\"instId\":\"SOL-USDT-SWAP\",\"tradeId\":\"" + (newest - i)
                                        + "\",\"px\":\"1\",\"sz\":\"1\",\"side\":\"buy\",\"ts\":\"1795012346300\"}")
                                .toList()
                        + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void a_hole_is_paged_backwards_from_the_id_behind_it() throws Exception {
        Stretch hole = new Stretch(SOL, 1_000, 1_250, Instant.EPOCH, Instant.MAX);
        RestRequest first = swap.trades(hole);
        assertThat(first.path()).isEqualTo("/api/v5/market/trades?instId=SOL-USDT-SWAP&limit=500");

        RestRequest second = next(page(5_000, 500), hole, first);
        assertThat(second.path())
                .isEqualTo("/api/v5/market/history-trades?instId=SOL-USDT-SWAP&type=1&after=1250&limit=100");
        RestRequest third = next(page(1_249, 100), hole, second);
        assertThat(third.path()).contains("after=1150");
        assertThat(swap.readTrades(page(1_100, 100), hole, third, io.metdc.market.Origin.REFILL, RECEIVED)
                        .next())
                .isNull();
    }

    private RestRequest next(byte[] page, Stretch wanted, RestRequest asked) throws Exception {
        RestRequest next = swap.readTrades(page, wanted, asked, io.metdc.market.Origin.REFILL, RECEIVED)
                .next();
        assertThat(next).isNotNull();
        return next;
    }
}
