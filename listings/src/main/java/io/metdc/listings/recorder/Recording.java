package io.metdc.listings.recorder;

import io.metdc.listings.Contract;
import io.metdc.listings.Listing;
import io.metdc.listings.Sighting;
import io.metdc.listings.Source;
import io.metdc.market.Instrument;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/// One listing's recording, from its firing to its last stage, as plain blocking code on a virtual thread of its own:
/// for each stage wait until its window is over, until the journal is in, and publish. Nothing is collected here: the
/// trades are recorded anyway, so a late start or a crash costs nothing but time.
///
/// ```
/// registered ─▶ core ─▶ near ─▶ wide ─▶ open (when the opening is known) ─▶ final ─▶ over
/// ```
///
/// What is done is kept in a file after each step. A step that fails is tried again for as long as it takes, and says
/// so once.
final class Recording implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(Recording.class);

    /// Frames may be so late: a window is over so long after its end. By then it is also known of all connections that
    /// they lived until that end, see [Collecting#isStored(Instant)].
    static final Duration LATE_FRAMES = Duration.ofSeconds(3);

    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(30);

    /// So often it is looked whether a hole is filled.
    private static final Duration LOOK_FOR_REFILL = Duration.ofSeconds(2);

    /// So often an opening is looked for that no notice tells.
    private static final Duration LOOK_FOR_OPENING = Duration.ofSeconds(10);

    /// Where so much time is left until the first stage is due, publishing is rehearsed.
    private static final Duration TIME_TO_REHEARSE = Duration.ofSeconds(8);

    /// So long after the start of the recorder the markets have to give their lists of instruments.
    private static final Duration LISTS = Duration.ofSeconds(60);

    /// So long a start may take until the database is there before it is complained of.
    private static final Duration DATABASE = Duration.ofSeconds(60);

    /// So long it may take until the journal is in before it is complained of.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path files;
    private final Windows windows;
    private final Collecting collecting;
    private final Publisher publisher;
    private final Recorder.Listener listener;
    private final InstantSource clock;
    private final Instant startedAt;
    private final Object holding = new Object(); // taken before the other lock: who collects or releases, one at a time

    private RecordingFile state; // these under the lock
    private @Nullable String trouble;
    private boolean isRegistered;
    private boolean isChanged; // since the last look at the state
    private long openHoles; // of what was published last
    private boolean runs; // on a thread
    private boolean isCollected;
    private boolean isShown; // the KRW market, since it was last collected
    private boolean isAtWork; // and must not be interrupted
    private boolean isEnding;

    /// @param files     where its file is kept
    /// @param startedAt of the recorder
    Recording(
            RecordingFile state,
            Path files,
            Windows windows,
            Collecting collecting,
            Publisher publisher,
            Recorder.Listener listener,
            Instant startedAt,
            InstantSource clock) {
        this.state = state;
        this.files = files;
        this.windows = windows;
        this.collecting = collecting;
        this.publisher = publisher;
        this.listener = listener;
        this.clock = clock;
        this.startedAt = startedAt;
    }

    @Override
    public void run() {
        try {
            patiently("recorded", this::record); // whatever fails, no recording stands still
            log.info("the recording of {} is over", state().listing().id());
        } catch (InterruptedException _) {
            log.debug(
                    "the recording of {} goes on at the next start",
                    state().listing().id());
        }
    }

    /// Whether it is to be given a thread: there is something to do, and nobody does it. Once it said so, it counts
    /// as running until nothing is left to do.
    synchronized boolean starts() {
        if (runs || (state.isOver() && !state.isBehind())) {
            return false;
        }
        runs = true;
        return true;
    }

    private void record() throws InterruptedException {
        for (Step step = next(); step != Step.END; step = next()) {
            switch (step) {
                case COLLECT -> collect();
                case REGISTER -> register();
                case RENEW -> renew();
                case PUBLISH -> publish();
                case WAIT -> await();
                case END -> {}
            }
        }
    }

    private enum Step {
        COLLECT,
        REGISTER,
        RENEW,
        WAIT,
        PUBLISH,
        END
    }

    private synchronized Step next() {
        isChanged = false;
        if (toCollect() || toRelease()) {
            return Step.COLLECT;
        }
        if (!isRegistered) {
            return Step.REGISTER;
        }
        if (state.isBehind() && state.published() != null) {
            return Step.RENEW;
        }
        if (state.isOver()) {
            runs = false; // in the step that says so: whoever tells something later starts it
            return Step.END;
        }
        return clock.instant().isBefore(due()) ? Step.WAIT : Step.PUBLISH;
    }

    // ---- what comes next

    /// The stage that is published next: the opening is left out as long as nobody knows when it is, until the end.
    private synchronized Stage stage() {
        return Stage.after(state.published(), state.opensAt() != null);
    }

    /// When it can be published.
    private synchronized Instant due() {
        Instant announced = state.listing().announcedAt();
        Window window = stage() == Stage.FINAL
                ? windows.kept(announced, state.opensAt())
                : windows.of(stage(), announced, state.opensAt());
        return Objects.requireNonNull(window).to().plus(LATE_FRAMES);
    }

    private void await() throws InterruptedException {
        boolean looksForOpening;
        synchronized (this) {
            long left = Duration.between(clock.instant(), due()).toNanos();
            boolean looks = looksForOpening();
            long most = looks ? Math.min(left, LOOK_FOR_OPENING.toNanos()) : left;
            most = openHoles > 0 ? Math.min(most, LOOK_FOR_REFILL.toNanos()) : most;
            if (!isChanged && most > 0) {
                TimeUnit.NANOSECONDS.timedWait(this, Math.min(most, TimeUnit.HOURS.toNanos(1)));
            }
            if (isChanged) {
                return;
            }
            looksForOpening = looks;
        }
        if (looksForOpening) {
            lookForOpening();
        }
        lookForRefill();
    }

    /// What is refilled makes an archive anew.
    private void lookForRefill() throws InterruptedException {
        long before;
        synchronized (this) {
            before = openHoles;
        }
        if (before == 0) {
            return;
        }
        try {
            long[] open = new long[1];
            work(() -> open[0] = publisher.openHoles(event()));
            synchronized (this) {
                openHoles = open[0];
                if (open[0] < before) {
                    state = state.behind(true);
                    write();
                }
            }
        } catch (IOException e) {
            log.debug("what became of the holes cannot be looked for", e);
        }
    }

    /// Whether its KRW market may have opened without anybody telling when.
    private synchronized boolean looksForOpening() {
        return state.lacksOpening() && state.listing().isKrw();
    }

    /// Where no notice told the opening, the first trade for won does.
    private void lookForOpening() throws InterruptedException {
        try {
            @Nullable Instant[] found = new @Nullable Instant[1];
            work(() -> found[0] = publisher.firstKrwTrade(state().listing(), state().opensAt()));
            Instant first = found[0];
            if (first != null) {
                log.info(
                        "{} opened at {}: its first trade for won",
                        state().listing().coin(),
                        first);
                opens(first, state().kind());
            }
        } catch (IOException e) {
            log.debug("the first trade for won cannot be looked for", e);
        }
    }

    // ---- steps

    /// What must not be dropped is said before anything else.
    private void register() throws InterruptedException {
        awaitLists();
        RecordingFile registered = state();
        patiently("written down in the database", () -> work(() -> publisher.register(event())));
        synchronized (this) {
            isRegistered = registered.equals(state);
        }
        if (state().published() == null
                && clock.instant().plus(TIME_TO_REHEARSE).isBefore(due())) {
            try {
                work(() -> publisher.rehearse(event(), Stage.CORE));
            } catch (IOException e) {
                log.debug("publishing cannot be rehearsed", e);
            }
        }
    }

    /// The archive says what is known by now, however long it is until its next stage.
    private void renew() throws InterruptedException {
        Stage published;
        Event event;
        synchronized (this) {
            published = Objects.requireNonNull(state.published());
            event = event();
            isChanged = false;
        }
        long[] open = new long[1];
        patiently(
                "published anew as " + published,
                () -> work(() ->
                        open[0] = publisher.publish(event, published).coverage().openHoles()));
        synchronized (this) {
            openHoles = open[0];
            state = state.behind(isChanged);
            write();
        }
        log.info("{}: stage {} is published anew", state().listing().id(), published);
    }

    private void publish() throws InterruptedException {
        Stage stage = stage();
        awaitLists();
        awaitJournal(due(), stage);
        if (stage() != stage || clock.instant().isBefore(due())) {
            return; // it has changed meanwhile
        }
        if (stage.compareTo(Stage.WIDE) > 0 && looksForOpening()) {
            lookForOpening();
            if (stage() != stage || clock.instant().isBefore(due())) {
                return; // the window around the opening comes first
            }
        }
        Event event;
        synchronized (this) {
            event = event();
            isChanged = false;
        }
        long began = System.nanoTime();
        Archive.Published[] result = new Archive.Published[1];
        patiently("published as " + stage, () -> work(() -> result[0] = publisher.publish(event, stage)));
        Archive.Published published = Objects.requireNonNull(result[0]);
        synchronized (this) {
            openHoles = published.coverage().openHoles();
            if (!isOutdated(event)) {
                state = state.published(stage);
            }
            state = state.behind(isChanged);
            write();
        }
        log.info(
                "{}: stage {} is published{}, {} trades, after {} ms",
                state().listing().id(),
                stage,
                published.coverage().complete() ? "" : " with holes in the core",
                published.coverage().venues().stream()
                        .mapToLong(Coverage.OfVenue::trades)
                        .sum(),
                (System.nanoTime() - began) / 1_000_000);
        listener.published(event.listing(), stage, published);
    }

    /// Whether the opening moved while a stage was being published.
    private boolean isOutdated(Event event) {
        return !Objects.equals(event.opensAt(), state.opensAt()) && stage() == Stage.OPEN;
    }

    /// Soon after a start the lists of instruments may not be there yet, and a late notice is due at once.
    private void awaitLists() throws InterruptedException {
        while (clock.instant().isBefore(startedAt.plus(LISTS))
                && collecting.offers().values().stream().anyMatch(Offer.Unknown.class::isInstance)) {
            Thread.sleep(LOOK);
        }
    }

    private void awaitJournal(Instant until, Stage stage) throws InterruptedException {
        long began = System.nanoTime();
        boolean said = false;
        while (!collecting.isStored(until)) {
            if (!said && System.nanoTime() - began > PATIENCE.toNanos()) {
                said = true;
                log.warn(
                        "{}: stage {} waits for the database: what was received until {} is still in the journal",
                        state().listing().id(),
                        stage,
                        until);
                trouble("waiting for the journal");
            }
            Thread.sleep(LOOK);
        }
        trouble(null);
    }

    /// Does something until it works.
    private void patiently(String what, Attempt attempt) throws InterruptedException {
        Instant began = clock.instant();
        Duration pause = FIRST_PAUSE;
        Level said = Level.DEBUG;
        while (true) {
            try {
                attempt.run();
                trouble(null);
                return;
            } catch (IOException | RuntimeException e) {
                if (isEnding() || Thread.interrupted()) { // whatever it says of it is no failure
                    throw new InterruptedException();
                }
                Level level = levelOf(e, began);
                if (level.toInt() > said.toInt()) {
                    said = level;
                    say(level, what, e);
                }
                trouble(String.valueOf(e.getMessage()));
            }
            Thread.sleep(pause);
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
        }
    }

    private Level levelOf(Exception e, Instant began) {
        if (!(e instanceof NoDatabase)) {
            return Level.ERROR;
        }
        return clock.instant().isBefore(began.plus(DATABASE)) ? Level.INFO : Level.WARN;
    }

    private void say(Level level, String what, Exception e) {
        String id = state().listing().id();
        if (e instanceof NoDatabase) {
            log.atLevel(level).log("{} waits for the database: then it is {}", id, what);
        } else {
            log.atLevel(level).setCause(e).log("{} cannot be {}: {}; trying again", id, what, e.toString());
        }
    }

    /// Does something that an end lets finish, if it can wait so long.
    private void work(Attempt attempt) throws IOException, InterruptedException {
        synchronized (this) {
            if (isEnding) {
                throw new InterruptedException();
            }
            isAtWork = true;
        }
        try {
            attempt.run();
        } finally {
            synchronized (this) {
                isAtWork = false;
                if (isEnding) {
                    Thread.currentThread().interrupt(); // now it may be
                }
            }
        }
    }

    private synchronized boolean isEnding() {
        return isEnding;
    }

    /// It is to end as soon as it is at no work.
    ///
    /// @param thread that runs it
    synchronized void end(Thread thread) {
        isEnding = true;
        if (!isAtWork) {
            thread.interrupt();
        }
    }

    private interface Attempt {
        void run() throws IOException, InterruptedException;
    }

    // ---- what others tell

    /// It was seen by another source, too; a KRW market that shows is subscribed anew, since the first subscription
    /// may have come before there was one.
    void seen(Listing listing) {
        Instant marketAt = listing.sightings().stream()
                .filter(sighting -> sighting.source() == Source.MARKET_LIST)
                .map(Sighting::seenAt)
                .findFirst()
                .orElse(null);
        synchronized (this) {
            isShown |= marketAt != null && state.marketSeenAt() == null;
            become(state.seen(listing, marketAt));
        }
        collectNow();
    }

    /// Its opening is known, or another one.
    void opens(@Nullable Instant at, String kind) {
        synchronized (this) {
            become(state.opening(at, kind));
        }
        collectNow();
    }

    /// Its markets are others than those for which it fired.
    void corrected(List<String> markets) {
        synchronized (this) {
            become(state.corrected(markets));
        }
        collectNow();
    }

    /// Where the coin lives; a text that does not say takes nothing back.
    synchronized void lives(List<Contract> contracts) {
        if (!contracts.isEmpty()) {
            become(state.lives(contracts));
        }
    }

    /// Everybody who is to be alerted was.
    synchronized void told() {
        state = state.told();
        write();
    }

    /// What was told is kept with a mark that the archive does not say it yet.
    private synchronized void become(RecordingFile told) {
        if (told.equals(state)) {
            return;
        }
        state = told.behind(true);
        isRegistered = false;
        isChanged = true;
        write();
        notifyAll();
    }

    // ---- the market for won

    private synchronized boolean toCollect() {
        return state.listing().isKrw() && !state.isOver() && (!isCollected || isShown);
    }

    private synchronized boolean toRelease() {
        return isCollected && (!state.listing().isKrw() || state.isOver());
    }

    /// Its market is collected as long as it is recorded. Any thread may say so.
    private void collect() {
        synchronized (holding) {
            String id = state().listing().id();
            if (toCollect()) {
                collected(true);
                try {
                    collecting.collect(id, krw());
                } catch (RuntimeException e) {
                    uncollected();
                    throw e;
                }
            } else if (toRelease()) {
                collecting.release(id, krw());
                collected(false);
            }
        }
    }

    private synchronized void collected(boolean is) {
        isCollected = is;
        isShown &= !is;
    }

    /// Its own thread is to try again.
    private synchronized void uncollected() {
        isCollected = false;
        isChanged = true;
        notifyAll();
    }

    /// Its own thread may be waiting for the database: an opening does not wait for that.
    private void collectNow() {
        try {
            collect();
        } catch (RuntimeException e) {
            log.debug("{} is collected by its own thread", state().listing().id(), e);
        }
    }

    private synchronized void write() {
        try {
            state.write(files);
        } catch (IOException e) {
            log.error(
                    "how far {} is recorded cannot be kept: {}", state.listing().id(), e.toString());
        }
    }

    // ---- what others ask

    synchronized RecordingFile state() {
        return state;
    }

    /// What keeps it from going on; null when nothing does.
    synchronized @Nullable String trouble() {
        return trouble;
    }

    private synchronized void trouble(@Nullable String what) {
        trouble = what;
    }

    private Instrument krw() {
        return Venues.krw(state().listing().coin());
    }

    private Event event() {
        return publisher.event(state());
    }
}
