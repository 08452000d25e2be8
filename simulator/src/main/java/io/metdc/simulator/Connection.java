package io.metdc.simulator;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One client's WebSocket after the handshake. Its reader (a virtual thread) takes client frames in and counts
/// them; its writer (a platform thread) does everything else in one order: answers, trades, pings, the close frame.
final class Connection {
    private static final int MAX_CLIENT_MESSAGE = 1 << 20;
    /// How long a client has to answer a close frame.
    private static final long CLOSING_NANOS = 2_000_000_000L;
    /// How early a notice of the close comes, when the connection lives so long.
    private static final long NOTICE_NANOS = 10_000_000_000L;
    private static final int CLOSE_PROTOCOL_ERROR = 1002;
    static final int CLOSE_POLICY = 1008;
    static final int CLOSE_TOO_BIG = 1009;
    static final int CLOSE_GOING_AWAY = 1001;
    /// How many rows may be joined in a frame, copies included.
    private static final int MOST_JOINED = 64;
    /// How many requests are remembered.
    private static final int MOST_REQUESTS = 5_000;
    /// How far apart writes are while they are slow.
    private static final long SLOW_NANOS = 10_000_000L;
    /// How long after the announcement the end comes.
    private static final long ANNOUNCED_NANOS = 2_000_000_000L;
    /// A day in 1970.
    private static final long LONG_AGO_NANOS = 86_400_000_000_000L;

    final long number;
    private final Venue venue;
    private final Socket raw;
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final Visit visit;
    private final Session session;
    private final String resource;
    private final Instant opened;
    private final long openedNanoTime = System.nanoTime();
    private final List<Feed> feeds;
    private final Protocol.Rules rules;
    private final long closeAfterNanos;
    private final int backlog;

    private final LinkedBlockingQueue<Outgoing> outgoing = new LinkedBlockingQueue<>();
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicLong rows = new AtomicLong();
    private final AtomicLong consumed = new AtomicLong();
    private final List<Sent.Request> requests = Collections.synchronizedList(new ArrayList<>());
    /// By place; the writer alone writes it.
    private volatile @Nullable Delivery[] deliveries = {};
    private volatile String cause = "";
    private volatile @Nullable Instant closed;

    private volatile boolean frozen;
    private volatile long endNanoTime; // announced; 0: none is
    /// What [Fault#MUTE_SYMBOL] befell here.
    private volatile @Nullable Muted muted;

    private record Muted(int listing, String symbol) {}

    // of the timer's thread
    private long pingedNanoTime = openedNanoTime;
    private boolean warned;
    // written by the reader and the writer
    private volatile long pongNanoTime = openedNanoTime;
    private volatile long heardNanoTime = openedNanoTime;
    private volatile long saidNanoTime = openedNanoTime;
    private volatile long closingSinceNanoTime;

    // of the writer
    private final FrameBuffer buffer = new FrameBuffer();
    private final int text;
    private final int framesPerWrite;
    private final Feed[] groupFeeds;
    private final Chunk[] groupChunks;
    private final int[] groupAts;
    private final int[] groupPlaces;
    private final int[] groupRows;
    private int grouped;

    Connection(
            long number,
            Venue venue,
            Socket raw,
            Socket socket,
            DataInputStream in,
            String resource,
            Visit visit,
            SimulatorOptions options)
            throws IOException {
        this.number = number;
        this.venue = venue;
        this.raw = raw;
        this.socket = socket;
        this.in = in;
        this.out = socket.getOutputStream();
        this.visit = visit;
        session = visit.session();
        this.resource = resource;
        opened = options.clock().instant();
        feeds = venue.tape().feeds();
        rules = venue.rules();
        closeAfterNanos = options.closeAfter().toNanos();
        backlog = options.backlog();
        framesPerWrite = options.framesPerWrite();
        groupFeeds = new Feed[framesPerWrite + MOST_JOINED];
        groupChunks = new Chunk[groupFeeds.length];
        groupAts = new int[groupFeeds.length];
        groupPlaces = new int[groupFeeds.length];
        groupRows = new int[groupFeeds.length];
        text = rules.binary() ? FrameBuffer.BINARY : FrameBuffer.TEXT;
        if (!session.askedByAddress().isEmpty()) {
            requests.add(new Sent.Request(opened, Sent.Verb.SUBSCRIBE, session.askedByAddress(), List.of()));
        }
        session.connected(words -> offer(new Outgoing.Frame(text, words.getBytes(StandardCharsets.UTF_8), 1)));
    }

    /// Runs the connection to its end on the caller's thread, which becomes its reader.
    void run() {
        Thread writer = Thread.ofPlatform()
                .daemon()
                .name("simulator-" + venue + "-" + number)
                .start(this::write);
        String end = "closed by the client";
        try {
            read();
        } catch (EOFException e) {
            end = "the client went away";
        } catch (IOException e) {
            end = String.valueOf(e.getMessage());
        }
        end(end);
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        venue.settled(this);
    }

    // ---- any thread

    /// Hands prints over, unless nothing is subscribed. A client that does not read is reset, as it would be by the
    /// exchange.
    void offer(Batch batch) {
        if (!session.isSubscribed() || closingSinceNanoTime != 0) {
            return;
        }
        if (waiting.addAndGet(batch.size()) > backlog) {
            reset("does not read");
            return;
        }
        offer(new Outgoing.Prints(batch));
    }

    void offer(Outgoing next) {
        outgoing.add(next);
        if (ended.get()) {
            release();
        }
    }

    /// Ends it by TCP RST.
    void reset(String why) {
        try {
            raw.setSoLinger(true, 0);
        } catch (IOException e) {
            // then it is closed already
        }
        end(why);
    }

    void end(String why) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        if (cause.isEmpty()) {
            cause = why;
        }
        closed = venue.clock().instant();
        try {
            raw.close();
        } catch (IOException e) {
            // nothing is left to be closed
        }
        offer(new Outgoing.End());
        visit.end();
        venue.ended(this);
    }

    /// Releases who waits for a barrier that nobody will reach any more.
    private void release() {
        for (Outgoing left : outgoing) {
            if (left instanceof Outgoing.Barrier barrier) {
                barrier.reached().countDown();
            }
        }
    }

    /// Lets nothing come from here any more, and hears nothing.
    void freeze() {
        frozen = true;
    }

    /// Sends an instrument no more until it is asked for again.
    void mute(int listing, String symbol) {
        muted = new Muted(listing, symbol);
    }

    /// Says that it will end, and ends a little later.
    void announceEnd() {
        endNanoTime = System.nanoTime() + ANNOUNCED_NANOS;
        offer(new Outgoing.Notice());
    }

    boolean isOpen() {
        return !ended.get();
    }

    Sent.OfConnection report() {
        List<Sent.Stream> streams = new ArrayList<>();
        @Nullable Delivery[] all = deliveries;
        for (int place = 0; place < all.length; place++) {
            Delivery delivery = all[place];
            if (delivery != null) {
                streams.add(delivery.stream(feeds.get(place).listing.symbol()));
            }
        }
        List<Sent.Request> asked;
        synchronized (requests) {
            asked = List.copyOf(requests);
        }
        return new Sent.OfConnection(
                number, resource, opened, closed, cause, rows.get(), consumed.get(), asked, streams);
    }

    // ---- the timer's thread

    /// Pings, and closes what is too old or does not answer.
    void check() {
        if (frozen) {
            return;
        }
        long now = System.nanoTime();
        long closing = closingSinceNanoTime;
        if (closing != 0) {
            if (now - closing > CLOSING_NANOS) {
                end("did not answer the close frame");
            }
            return;
        }
        Protocol.Silence silence = rules.silence();
        long age = now - openedNanoTime;
        if (age >= closeAfterNanos || (endNanoTime != 0 && now >= endNanoTime)) {
            close(CLOSE_GOING_AWAY, "");
        } else if (!warned && age >= Math.max(closeAfterNanos / 2, closeAfterNanos - NOTICE_NANOS)) {
            warned = true;
            offer(new Outgoing.Notice());
        } else if (isOver(rules.pongWithin(), now - pongNanoTime)) {
            close(CLOSE_POLICY, "Pong timeout");
        } else if (silence != null && isSilent(silence, now)) {
            if (silence.code() == 0) {
                reset("silence");
            } else {
                close(silence.code(), "Bye");
            }
        } else if (isOver(rules.pingEvery(), now - pingedNanoTime)) {
            pingedNanoTime = now;
            byte[] time = Long.toString(venue.nowNanos() / 1_000_000).getBytes(StandardCharsets.US_ASCII);
            offer(new Outgoing.Frame(FrameBuffer.PING, time, 1));
        }
    }

    private boolean isSilent(Protocol.Silence silence, long now) {
        long since = silence.isOfBoth() ? Math.max(heardNanoTime, saidNanoTime) : heardNanoTime;
        return isOver(session.isSubscribed() ? silence.most() : silence.unsubscribed(), now - since);
    }

    private static boolean isOver(@Nullable Duration allowed, long nanos) {
        return allowed != null && nanos >= allowed.toNanos();
    }

    void close(int code, String reason) {
        if (closingSinceNanoTime == 0) {
            closingSinceNanoTime = System.nanoTime();
            offer(new Outgoing.Close(code, reason));
        }
    }

    // ---- the reader

    private void read() throws IOException {
        List<Pace> paces = rules.clientFrames().stream().map(Pace::new).toList();
        byte[] message = {};
        boolean isText = false;
        while (true) {
            int first = in.readUnsignedByte();
            int second = in.readUnsignedByte();
            int opcode = first & 0x0F;
            boolean last = (first & 0x80) != 0;
            long length = second & 0x7F;
            if (length == 126) {
                length = in.readUnsignedShort();
            } else if (length == 127) {
                length = in.readLong();
            }
            if ((second & 0x80) == 0 || (first & 0x70) != 0) {
                close(CLOSE_PROTOCOL_ERROR, "");
                drain();
                return;
            }
            if (length < 0 || length + message.length > MAX_CLIENT_MESSAGE) {
                close(CLOSE_TOO_BIG, "");
                drain();
                return;
            }
            byte[] payload = payload((int) length);
            if (opcode != FrameBuffer.CLOSE) {
                long now = System.nanoTime();
                heardNanoTime = now;
                for (Pace pace : paces) {
                    if (pace.isBroken(now) && closingSinceNanoTime == 0) {
                        int most = pace.rate.count();
                        venue.breached(Limit.CLIENT_FRAMES, most + 1L, most, "closed with " + CLOSE_POLICY);
                        close(CLOSE_POLICY, "Too many requests");
                    }
                }
            }
            switch (opcode) {
                case FrameBuffer.TEXT, FrameBuffer.BINARY, FrameBuffer.CONTINUATION -> {
                    isText = opcode == FrameBuffer.CONTINUATION ? isText : opcode == FrameBuffer.TEXT;
                    message = opcode == FrameBuffer.CONTINUATION ? joined(message, payload) : payload;
                    if (last) {
                        if (message.length > rules.clientFrameBytes()) {
                            int code = rules.tooLongCode();
                            String consequence = code == 0 ? "lost" : "closed with " + code;
                            venue.breached(Limit.FRAME_BYTES, message.length, rules.clientFrameBytes(), consequence);
                            if (code != 0) {
                                close(code, "");
                            }
                        } else if (isText) {
                            offer(new Outgoing.Received(new String(message, StandardCharsets.UTF_8)));
                        }
                        message = new byte[0];
                    }
                }
                case FrameBuffer.PING -> offer(new Outgoing.Frame(FrameBuffer.PONG, payload, 1));
                case FrameBuffer.PONG -> pongNanoTime = System.nanoTime();
                case FrameBuffer.CLOSE -> {
                    awaitClosed(payload);
                    return;
                }
                default -> {
                    close(CLOSE_PROTOCOL_ERROR, "");
                    drain();
                    return;
                }
            }
        }
    }

    /// How often frames came.
    private static final class Pace {
        private final Protocol.Rate rate;
        private final long[] arrivals;
        private long frames;

        private Pace(Protocol.Rate rate) {
            this.rate = rate;
            arrivals = new long[rate.count()];
        }

        /// One more came.
        private boolean isBroken(long nowNanoTime) {
            int slot = (int) (frames++ % arrivals.length);
            long before = arrivals[slot];
            arrivals[slot] = nowNanoTime;
            return frames > arrivals.length && nowNanoTime - before < rate.per().toNanos();
        }
    }

    private byte[] payload(int length) throws IOException {
        int mask = in.readInt();
        byte[] payload = new byte[length];
        in.readFully(payload);
        for (int i = 0; i < length; i++) {
            payload[i] ^= (byte) (mask >> (24 - 8 * (i & 3)));
        }
        return payload;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length)
                .put(first)
                .put(second)
                .array();
    }

    /// The client sent a close frame: the answer to ours, or its own, which is answered after what is queued before
    /// it.
    private void awaitClosed(byte[] payload) throws IOException {
        if (closingSinceNanoTime == 0) {
            closingSinceNanoTime = System.nanoTime();
            offer(new Outgoing.Frame(FrameBuffer.CLOSE, payload, 1));
            drain();
        }
    }

    /// Until the client closes the socket, or the timer does.
    private void drain() throws IOException {
        while (in.read() >= 0) {
            // what comes after a close frame is nobody's
        }
    }

    // ---- the writer

    private void write() {
        try {
            for (String greeting : session.greeting()) {
                frame(text, greeting.getBytes(StandardCharsets.UTF_8));
            }
            boolean open = true;
            while (open) {
                Outgoing next = outgoing.take();
                if (frozen && !(next instanceof Outgoing.End) && !(next instanceof Outgoing.Barrier)) {
                    continue;
                }
                switch (next) {
                    case Outgoing.Prints(Batch batch) -> {
                        prints(batch);
                        waiting.addAndGet(-batch.size());
                    }
                    case Outgoing.Received(String request) -> {
                        Muted before = muted;
                        if (before != null
                                && request.toUpperCase(Locale.ROOT)
                                        .contains(before.symbol().toUpperCase(Locale.ROOT))) {
                            muted = null;
                        }
                        if (!venue.holds(Fault.NO_ACKNOWLEDGEMENT)) {
                            for (Session.Reply reply : session.answer(request)) {
                                reply(reply);
                            }
                        }
                    }
                    case Outgoing.Frame(int opcode, byte[] payload, int times) -> {
                        for (int i = 0; i < times; i++) {
                            frame(opcode, payload);
                        }
                        if (opcode == FrameBuffer.CLOSE) {
                            socket.shutdownOutput();
                        }
                    }
                    case Outgoing.Flood(long bytes) -> flood(bytes);
                    case Outgoing.Renamed(int from, int to) -> session.renamed(from, to);
                    case Outgoing.Notice() -> {
                        String notice = session.shutdownNotice(venue.nowNanos());
                        if (notice != null) {
                            frame(text, notice.getBytes(StandardCharsets.UTF_8));
                        }
                    }
                    case Outgoing.Close(int code, String reason) -> {
                        cause = "closed with " + code + (reason.isEmpty() ? "" : " " + reason);
                        byte[] words = reason.getBytes(StandardCharsets.UTF_8);
                        frame(
                                FrameBuffer.CLOSE,
                                ByteBuffer.allocate(2 + words.length)
                                        .putShort((short) code)
                                        .put(words)
                                        .array());
                    }
                    case Outgoing.Barrier barrier -> barrier.reached().countDown();
                    case Outgoing.End() -> open = false;
                }
            }
        } catch (IOException e) {
            end(String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            end("interrupted");
        } finally {
            end("the simulator failed"); // no more than a name for what the thread's stack trace tells
            release();
        }
    }

    private void frame(int opcode, byte[] payload) throws IOException {
        buffer.clear();
        buffer.frame(opcode, payload);
        out.write(buffer.bytes(), 0, buffer.length());
        saidNanoTime = System.nanoTime();
    }

    private void reply(Session.Reply reply) throws IOException {
        switch (reply) {
            case Session.Reply.Text(String words) -> frame(text, words.getBytes(StandardCharsets.UTF_8));
            case Session.Reply.Asked(Sent.Verb verb, List<String> symbols, List<String> refused) -> {
                if (requests.size() < MOST_REQUESTS) {
                    requests.add(new Sent.Request(venue.clock().instant(), verb, symbols, refused));
                }
            }
            case Session.Reply.Breached(Limit limit, long used, long allowed, String consequence) ->
                venue.breached(limit, used, allowed, consequence);
            case Session.Reply.Close(int code, String reason) -> close(code, reason);
            case Session.Reply.Past(String words, int listing, List<Long> indices) -> {
                frame(text, words.getBytes(StandardCharsets.UTF_8));
                Feed feed = feeds.get(listing);
                long now = venue.nowNanos();
                for (long index : indices) {
                    Chunk chunk = feed.chunk(index);
                    if (chunk != null) {
                        sent(feed, chunk, Feed.at(index), Session.TRADE, now);
                    }
                }
            }
        }
    }

    private void flood(long bytes) throws IOException {
        byte[] filler = session.otherFrame(venue.nowNanos()).getBytes(StandardCharsets.UTF_8);
        buffer.clear();
        while (buffer.length() < 64 * 1024) {
            buffer.frame(text, filler);
        }
        for (long left = bytes; left > 0; left -= buffer.length()) {
            out.write(buffer.bytes(), 0, buffer.length());
        }
    }

    private void prints(Batch batch) throws IOException {
        if (venue.holds(Fault.MUTE) || closingSinceNanoTime != 0) {
            return;
        }
        int copies = venue.holds(Fault.DUPLICATE) ? 2 : 1;
        long coarser = venue.holds(Fault.WRONG_UNIT) ? 1_000 : 1;
        boolean reordered = venue.holds(Fault.REORDER);
        Muted silent = muted;
        session.swap(venue.holds(Fault.OBJECT_ARRAY_SWAP));
        session.muteSingleTrades(venue.holds(Fault.MUTE_SINGLE_TRADES));
        buffer.clear();
        for (int n = 0; n < batch.size(); n++) {
            int i = reordered ? batch.size() - 1 - n : n;
            int listing = batch.listing(i);
            if (silent != null && silent.listing() == listing) {
                continue;
            }
            Feed feed = feeds.get(listing);
            Chunk chunk = feed.chunk(batch.index(i));
            if (chunk == null) {
                reset("reads too slowly");
                return;
            }
            int at = Feed.at(batch.index(i));
            if (chunk.isWithheld(at)) {
                continue;
            }
            long executedAt = chunk.isImplausible(at) ? LONG_AGO_NANOS : chunk.timeNanos(at) / coarser;
            boolean joined = !reordered && grouped + 2 * copies <= groupFeeds.length && isJoined(batch, i, chunk);
            for (int copy = 0; copy < copies; copy++) {
                boolean more = joined || copy < copies - 1;
                int appended = session.append(buffer, listing, chunk, at, executedAt, venue.nowNanos(), more);
                if (appended == Session.NOTHING) {
                    break;
                }
                groupFeeds[grouped] = feed;
                groupChunks[grouped] = chunk;
                groupAts[grouped] = at;
                groupPlaces[grouped] = listing;
                groupRows[grouped++] = appended;
                if (grouped >= framesPerWrite && !more) {
                    writeGroup();
                }
            }
        }
        writeGroup();
    }

    /// Whether the next print of the batch belongs to the same order as this one, and is sent in the same way.
    private boolean isJoined(Batch batch, int i, Chunk chunk) {
        int next = i + 1;
        if (next == batch.size()
                || batch.listing(next) != batch.listing(i)
                || batch.index(next) >= chunk.first + Chunk.SIZE) {
            return false;
        }
        int at = Feed.at(batch.index(i));
        int after = Feed.at(batch.index(next));
        return chunk.timeNanos(after) == chunk.timeNanos(at)
                && !chunk.isWithheld(after)
                && !chunk.isImplausible(after)
                && !chunk.isImplausible(at);
    }

    /// One write to the socket; only then do its rows count as sent.
    private void writeGroup() throws IOException {
        if (grouped == 0) {
            return;
        }
        int first = venue.holds(Fault.SLOW) ? buffer.length() / 2 : 0;
        if (first > 0) {
            out.write(buffer.bytes(), 0, first);
            LockSupport.parkNanos(SLOW_NANOS);
        }
        out.write(buffer.bytes(), first, buffer.length() - first);
        saidNanoTime = System.nanoTime();
        buffer.clear();
        long now = venue.nowNanos();
        for (int i = 0; i < grouped; i++) {
            sent(groupFeeds[i], groupChunks[i], groupAts[i], groupRows[i], now);
            delivery(groupPlaces[i], now).wrote(groupFeeds[i], groupChunks[i].first + groupAts[i], now);
        }
        grouped = 0;
    }

    private Delivery delivery(int place, long nowNanos) {
        @Nullable Delivery[] all = deliveries;
        if (place >= all.length) {
            all = Arrays.copyOf(all, Math.max(place + 1, feeds.size()));
        }
        Delivery there = all[place];
        if (there == null) {
            there = new Delivery(nowNanos);
            all[place] = there;
            deliveries = all;
        }
        return there;
    }

    private void sent(Feed feed, Chunk chunk, int at, int what, long nowNanos) {
        if ((what & Session.TRADE) != 0) {
            feed.sent.incrementAndGet();
            rows.lazySet(rows.get() + 1);
            if (chunk.written(at, nowNanos)) {
                feed.distinct.incrementAndGet();
            }
        }
        if ((what & Session.CONSUMED) != 0) {
            feed.consumed.incrementAndGet();
            consumed.lazySet(consumed.get() + 1);
        }
        if ((what & Session.AGGREGATE) != 0) {
            feed.aggregates.incrementAndGet();
        }
    }
}
