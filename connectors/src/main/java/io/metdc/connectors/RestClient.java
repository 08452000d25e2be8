package io.metdc.connectors;

import io.metdc.connectors.Http.Answered;
import io.metdc.connectors.InstrumentPage.Listing;
import io.metdc.market.Failure;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Row;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Asks one market's REST interface. Every failure is classified by status and names exchange and address. Requests
/// block the calling thread, which should be a virtual one; several threads may ask at once, and all of them together
/// keep to the weight that the exchange allows one address.
public final class RestClient implements AutoCloseable {
    /// The longest answer that is taken, as sent and unpacked.
    public static final int MAX_ANSWER = 64 << 20;

    private static final int OK = 200;
    private static final int MAX_PAGES = 20;
    private final Connector connector;
    private final String base;
    private final InstantSource clock;
    private final Http http;
    private final Budget budget;
    private final Bans bans;
    private final Classification classification;
    private final ClockOffset offset;

    /// A client for the market of this connector that begins with its whole budget, and knows of no ban.
    ///
    /// @param restUrl scheme, host and base path, as configured
    /// @param clock   ours, for the time of receipt
    /// @throws FeedException with [Failure.Fatal] when the address or the network settings cannot be used
    public RestClient(Connector connector, URI restUrl, Network network, InstantSource clock) throws FeedException {
        this(connector, restUrl, network, new Budget(connector.limits().rest()), new Bans(Bans.QUIET, clock), clock);
    }

    /// A client for the market of this connector.
    ///
    /// @param restUrl scheme, host and base path, as configured
    /// @param budget  the weight that it keeps to; stays the caller's
    /// @param bans    of the exchange, which it keeps to and tells; stays the caller's
    /// @param clock   ours, for the time of receipt
    /// @throws FeedException with [Failure.Fatal] when the address or the network settings cannot be used
    public RestClient(Connector connector, URI restUrl, Network network, Budget budget, Bans bans, InstantSource clock)
            throws FeedException {
        if (restUrl.getHost() == null || !("https".equals(restUrl.getScheme()) || "http".equals(restUrl.getScheme()))) {
            throw new FeedException(new Failure.Fatal(
                    connector.market() + ": a REST address begins with https:// or http://, not " + restUrl));
        }
        this.connector = connector;
        this.clock = clock;
        this.budget = budget;
        this.bans = bans;
        classification = Classification.of(connector, clock);
        offset = new ClockOffset(clock);
        base = restUrl.toString().replaceAll("/+$", "");
        http = new Http(network, network.connectTimeout().plus(network.readTimeout()), MAX_ANSWER);
    }

    /// The whole list of instruments, each with the decision of the selection rules.
    ///
    /// @throws FeedException also when the answer is not what the exchange documents
    public List<Listing> instruments() throws FeedException, InterruptedException {
        List<Listing> listings = new ArrayList<>();
        Set<String> symbols = new HashSet<>();
        RestRequest request = connector.instruments();
        for (int pages = 1; ; pages++) {
            Answered answer = ask(request);
            try {
                InstrumentPage page = connector.readInstruments(answer.body(), request);
                listings.addAll(page.listings());
                boolean isNew = symbols.addAll(
                        page.listings().stream().map(Listing::symbol).toList());
                if (page.next() == null || !isNew || request.equals(page.next())) {
                    return listings; // some say that there is more when there is not
                }
                if (pages == MAX_PAGES) {
                    throw new UnreadableAnswer("the list of instruments has no end");
                }
                request = page.next();
            } catch (UnreadableAnswer e) {
                throw unreadable(request, answer, e);
            }
        }
    }

    /// Trades of the past, page after page, as far as the stretch and the exchange reach; see
    /// [Connector#trades(Stretch)].
    ///
    /// @param mostPages how many answers are asked for at most
    /// @return the pages' rows, each page oldest first
    public List<Row> trades(Stretch wanted, Origin origin, int mostPages) throws FeedException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        trades(wanted, origin, mostPages, rows::addAll);
        return rows;
    }

    /// As [#trades(Stretch, Origin, int)], for more than fits into memory.
    ///
    /// @param taking takes the rows of each page, oldest first, before the next one is asked for
    /// @return whether nothing more of the stretch can be had; false when it took too many pages
    public boolean trades(Stretch wanted, Origin origin, int mostPages, Pages taking)
            throws FeedException, InterruptedException {
        RestRequest request = connector.trades(wanted);
        for (int pages = 1; ; pages++) {
            Answered answer = ask(request);
            try {
                TradePage page =
                        connector.readTrades(answer.body(), wanted, request, origin, Nanos.of(clock.instant()));
                taking.take(page.rows());
                if (page.next() == null || page.next().equals(request)) {
                    return true;
                }
                if (pages == mostPages) {
                    return false;
                }
                request = page.next();
            } catch (UnreadableAnswer e) {
                throw unreadable(request, answer, e);
            }
        }
    }

    /// Takes page after page.
    public interface Pages {
        /// Takes one.
        ///
        /// @param rows oldest first
        void take(List<Row> rows) throws InterruptedException;
    }

    /// How far the clock of the exchange is ahead of ours, as its answers say.
    public ClockOffset offset() {
        return offset;
    }

    /// What a connect needs to know beforehand, such as a token; empty where nothing is asked.
    public byte[] ticket() throws FeedException, InterruptedException {
        RestRequest request = connector.ticket();
        return request == null ? new byte[0] : get(request);
    }

    /// Sends one request and gives the body of its answer, unpacked.
    ///
    /// @throws FeedException for every status but 200, for HTML, when no whole answer comes in time, and
    ///                       while a ban lasts
    public byte[] get(RestRequest request) throws FeedException, InterruptedException {
        return ask(request).body();
    }

    private Answered ask(RestRequest request) throws FeedException, InterruptedException {
        bans.check(Bans.Doing.REQUEST, connector.market()); // first: what is not sent costs nothing
        budget.await(request.weight());
        bans.check(Bans.Doing.REQUEST, connector.market());
        HttpRequest.Builder builder = HttpRequest.newBuilder(address(request))
                .method(request.method(), HttpRequest.BodyPublishers.noBody())
                .header("Accept", "application/json")
                .header("User-Agent", "metdc");
        request.headers().forEach(builder::header);
        Instant askedAt = clock.instant();
        Answered answer = send(builder, request);
        offset.answered(askedAt, clock.instant(), RetryAfter.serverAt(answer));
        if (answer.status() != OK) {
            throw told(classification.answer(answer, where(request)));
        }
        if (Classification.isHtml(answer.body())) {
            throw new FeedException(new Failure.Recoverable(
                    where(request) + " answered HTML where JSON is due: " + Answer.excerpt(answer.body())));
        }
        return answer;
    }

    private URI address(RestRequest request) {
        return URI.create(base + request.path());
    }

    private Answered send(HttpRequest.Builder builder, RestRequest request) throws FeedException, InterruptedException {
        try {
            return http.send(builder);
        } catch (IOException e) {
            throw new FeedException(new Failure.Recoverable(where(request) + ": " + e.getMessage(), e));
        }
    }

    private FeedException told(Failure failure) {
        return new FeedException(bans.told(Bans.Doing.REQUEST, connector.market(), failure));
    }

    private FeedException unreadable(RestRequest request, Answered answer, UnreadableAnswer e) {
        Failure failure = classification.success(answer, where(request));
        if (failure != null) {
            return told(failure);
        }
        return new FeedException(new Failure.Recoverable(where(request) + ": " + e.getMessage(), e));
    }

    private String where(RestRequest request) {
        return connector.market() + " at " + address(request);
    }

    /// Ends requests that are under way.
    @Override
    public void close() {
        http.close();
    }
}
