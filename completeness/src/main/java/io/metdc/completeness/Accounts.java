package io.metdc.completeness;

import io.metdc.connectors.Evidence;
import io.metdc.market.Consumed;
import io.metdc.market.Exchange;
import io.metdc.market.Instrument;
import io.metdc.market.Market;
import io.metdc.market.MarketType;
import io.metdc.market.Nanos;
import io.metdc.market.Origin;
import io.metdc.market.Trade;
import io.metdc.storage.journal.Entry;
import io.metdc.storage.journal.JournalState;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// All accounts, and how they come back after a restart: as they were at the head of a segment, then
/// brought forward by what was journaled after it. A trade that was journaled but not yet counted is so
/// counted again.
final class Accounts implements JournalState {
    /// An instrument that was silent for so long is forgotten.
    static final Duration SILENT = Duration.ofDays(30);

    private static final int LONGEST_NAME = 100;
    private static final int VERSION = 2;
    private static final int FIRST_VERSION = 1;
    private static final int CONTIGUOUS = 1;
    private static final int RECENT = 2;

    private final Function<Market, Evidence> evidence;
    private final int recentIds;
    private final InstantSource clock;
    private final Map<Instrument.Key, Account> byKey = new HashMap<>();
    private final Map<Instrument, Account> byInstrument = new HashMap<>();

    Accounts(Function<Market, Evidence> evidence, int recentIds, InstantSource clock) {
        this.evidence = evidence;
        this.recentIds = recentIds;
        this.clock = clock;
    }

    Account of(Instrument instrument) {
        Account account = byInstrument.get(instrument);
        return account != null ? account : newTerms(instrument);
    }

    /// An instrument keeps its account when its terms change.
    private Account newTerms(Instrument instrument) {
        for (String name : List.of(instrument.symbol(), instrument.base(), instrument.quote(), instrument.settle())) {
            if (name.length() > LONGEST_NAME) {
                throw new IllegalArgumentException("an instrument with a name of " + name.length() + " characters");
            }
        }
        Account account = byKey.computeIfAbsent(
                instrument.key(),
                key -> new Account(instrument, RepeatFilter.of(evidence.apply(key.market()), recentIds)));
        byInstrument.remove(account.instrument);
        account.instrument = instrument;
        byInstrument.put(instrument, account);
        return account;
    }

    boolean isByIds(Market market) {
        return switch (evidence.apply(market)) {
            case Evidence.ByIds _ -> true;
            case Evidence.ByUnbrokenConnection _ -> false;
        };
    }

    Collection<Account> all() {
        return byKey.values();
    }

    /// Reported holes that are known to be open.
    long holes() {
        long holes = 0;
        for (Account account : byKey.values()) {
            if (account.filter instanceof ContiguousFilter filter) {
                holes += filter.holes();
            }
        }
        return holes;
    }

    /// All was restored and replayed: what comes next comes after an interruption.
    void restarted() {
        for (Account account : byKey.values()) {
            if (account.filter instanceof ContiguousFilter filter) {
                filter.restarted();
            }
            account.delivery.restarted();
        }
    }

    @Override
    public void replay(Entry entry) {
        Account account = of(entry.instrument());
        switch (entry) {
            case Entry.Traded(Trade trade) -> {
                boolean late = account.isLate(trade);
                account.filter.seen(trade, System.nanoTime());
                account.delivery.replayed(trade);
                begin(account, trade.receivedAtNanos());
                account.journaled(late);
                account.byRest(trade.origin() == Origin.REFILL ? 1 : 0);
            }
            case Entry.ConsumedId(Consumed consumed) -> {
                account.filter.seen(consumed, System.nanoTime());
                begin(account, consumed.receivedAtNanos());
                account.consumed(1);
            }
            case Entry.RejectedRow row -> {
                begin(account, row.receivedAtNanos());
                account.rejected(row.reason(), 1);
            }
            case Entry.Counted _ -> account.clearCounts();
            case Entry.HoleOpened hole -> {
                if (account.filter instanceof ContiguousFilter filter) {
                    filter.reported(
                            hole.cause(),
                            hole.fromId(),
                            hole.toId(),
                            hole.fromNanos(),
                            hole.toNanos(),
                            System.nanoTime());
                } else if (hole.cause().equals(Gap.RESTART) || hole.cause().equals(Gap.DISCONNECT)) {
                    account.delivery.unproven(false);
                }
            }
            case Entry.HoleFound _ -> {
                // the trade itself, or the consumed id, has told the filter
            }
            case Entry.HoleClosed hole -> {
                if (account.filter instanceof ContiguousFilter filter) {
                    filter.closed(hole.fromId(), hole.toId());
                }
            }
            case Entry.Collected collected -> {
                account.lastReceivedAtNanos = collected.atNanos();
                account.delivery.collected(collected.begins(), collected.atNanos());
            }
            case Entry.Unproven _ -> account.delivery.unproven(true);
        }
    }

    private static void begin(Account account, long receivedAtNanos) {
        account.lastReceivedAtNanos = receivedAtNanos;
        if (!account.hasCounts()) {
            account.begin(Math.floorDiv(receivedAtNanos, Nanos.PER_SECOND));
        }
    }

    @Override
    public void save(OutputStream journal) throws IOException {
        long silentSince = Nanos.of(clock.instant().minus(SILENT));
        List<Account> saved = byKey.values().stream()
                .filter(account -> account.lastReceivedAtNanos >= silentSince)
                .toList();
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(journal, 16 * 1024));
        out.writeByte(VERSION);
        out.writeInt(saved.size());
        for (Account account : saved) {
            save(out, account.instrument);
            out.writeByte(
                    switch (account.filter) {
                        case ContiguousFilter _ -> CONTIGUOUS;
                        case RecentFilter _ -> RECENT;
                    });
            account.save(out);
        }
        out.flush();
    }

    @Override
    public void restore(byte[] saved) throws IOException {
        if (saved.length == 0) {
            return;
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(saved));
        int version = in.readByte();
        if (version != VERSION && version != FIRST_VERSION) {
            throw new IOException("the state in the journal has version " + version + "; this metdc knows version "
                    + VERSION + ". Start the newer metdc again");
        }
        for (int left = in.readInt(); left > 0; left--) {
            Instrument instrument = instrument(in);
            RepeatFilter filter = RepeatFilter.of(evidence.apply(instrument.market()), recentIds);
            boolean contiguous = in.readByte() == CONTIGUOUS;
            boolean same = contiguous == filter instanceof ContiguousFilter;
            Account account = new Account(
                    instrument,
                    same
                            ? filter
                            : contiguous ? new ContiguousFilter(Duration.ZERO) : new RecentFilter(false, recentIds));
            account.restore(in, version == FIRST_VERSION);
            account.filter = same ? account.filter : filter; // another kind of evidence by now: it begins anew
            byKey.put(instrument.key(), account);
            byInstrument.put(instrument, account);
        }
    }

    private static void save(DataOutputStream out, Instrument instrument) throws IOException {
        out.writeUTF(instrument.market().exchange().name());
        out.writeUTF(instrument.market().type().name());
        out.writeUTF(instrument.symbol());
        out.writeUTF(instrument.base());
        out.writeUTF(instrument.quote());
        out.writeUTF(instrument.settle());
        out.writeUTF(instrument.contractSize().toString());
        out.writeUTF(instrument.multiplier().toString());
    }

    private static Instrument instrument(DataInputStream in) throws IOException {
        try {
            return new Instrument(
                    new Market(Exchange.valueOf(in.readUTF()), MarketType.valueOf(in.readUTF())),
                    in.readUTF(),
                    in.readUTF(),
                    in.readUTF(),
                    in.readUTF(),
                    new BigDecimal(in.readUTF()),
                    new BigDecimal(in.readUTF()));
        } catch (IllegalArgumentException e) {
            throw new IOException("the state in the journal names an instrument that cannot be: " + e.getMessage(), e);
        }
    }
}
