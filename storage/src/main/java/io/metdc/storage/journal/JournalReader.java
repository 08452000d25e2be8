package io.metdc.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Reads a journal behind the thread that appends to it, from the files alone. Used by one thread.
///
/// Batches end where blocks end, so that a batch can hold some more entries than asked for, and every
/// position it names is one to go on at. In the place of a stretch that cannot be read come the holes that
/// it may leave.
final class JournalReader implements JournalTail {
    private final Segments segments;
    private final Records.Reader records = new Records.Reader();
    private @Nullable BlockReader blocks;
    private Segments.Segment segment;
    private long position;
    private long damagedFrom; // what the last step passed over; -1 if nothing
    private long damagedTo;

    JournalReader(Segments segments) {
        this.segments = segments;
        this.segment = segments.oldest();
        this.position = segment.first;
    }

    @Override
    public UUID journal() {
        return segments.journal();
    }

    @Override
    public long oldest() {
        return segments.oldest().first;
    }

    @Override
    public Instant oldestAt() {
        return segments.oldest().begunAt;
    }

    @Override
    public long newest() {
        return segments.written();
    }

    @Override
    public void seek(long wanted) throws IOException {
        Segments.Segment found = segments.at(wanted);
        if (found == null || wanted > newest()) {
            throw new IOException("position " + wanted + " is not in the journal " + journal() + ", which has "
                    + oldest() + " to " + newest());
        }
        BlockReader reader = open(found);
        // From the segment's head on, since instruments are defined where they first come.
        while (reader.position() < wanted && reader.next(end(found))) {
            if (reader.from() >= wanted) { // what was at the wanted position is damaged, or nothing ever was there
                reader.again();
                break;
            }
            if (reader.position() > wanted) {
                close();
                throw new IOException("position " + wanted + " is within the block at " + reader.from() + " of "
                        + found.path + ": no batch ended there");
            }
            define(reader);
        }
        position = Math.max(wanted, reader.position());
    }

    private void define(BlockReader reader) throws IOException {
        try {
            records.read(reader.records(), new Entries(null));
        } catch (IOException e) {
            segments.damaged(reader.from(), reader.position());
        }
    }

    @Override
    public Batch read(int maxEntries, Duration wait) throws IOException, InterruptedException {
        long from = position;
        long deadline = System.nanoTime() + wait.toNanos();
        List<Entry> entries = new ArrayList<>();
        Entries visitor = new Entries(entries);
        try {
            if (blocks == null) {
                seek(position);
            }
            do {
                boolean more = true;
                while (more && entries.size() < maxEntries) {
                    more = step(visitor);
                }
            } while (entries.isEmpty() && segments.await(position, deadline));
            return new Batch(from, position, entries);
        } catch (ClosedByInterruptException e) {
            rewind(from);
            Thread.interrupted();
            InterruptedException interrupted = new InterruptedException("interrupted while reading the journal");
            interrupted.initCause(e);
            throw interrupted;
        } catch (InterruptedException | IOException e) {
            rewind(from);
            throw e;
        }
    }

    /// The next read begins here again, and opens the file again.
    private void rewind(long from) throws IOException {
        position = from;
        close();
    }

    /// Reads one block, or goes on to the next segment.
    ///
    /// @return false when all that is written out is read
    private boolean step(Entries visitor) throws IOException {
        BlockReader reader = blocks;
        if (reader == null || position >= newest()) {
            return false;
        }
        damagedFrom = -1;
        boolean found = reader.next(end(segment));
        if (damagedFrom >= 0) {
            visitor.take(segments.holes(damagedFrom, damagedTo));
        }
        if (found) {
            try {
                records.read(reader.records(), visitor);
            } catch (IOException e) {
                segments.damaged(reader.from(), reader.position());
                visitor.take(segments.holes(reader.from(), reader.position()));
            }
            segments.lost(segment, records.takeLost());
            position = reader.position();
            return true;
        }
        Segments.Segment next = segments.after(segment);
        if (next == null) {
            position = reader.position();
            return false;
        }
        if (segments.isMissingBefore(next)) {
            visitor.take(segments.holes(segment.end(), next.first));
        }
        position = open(next).position();
        return true;
    }

    private void damaged(long from, long to) {
        damagedFrom = from;
        damagedTo = to;
        segments.damaged(from, to);
    }

    /// The file offset up to which a segment may be read now.
    private long end(Segments.Segment of) {
        long written = newest(); // before it is asked whether there is a next one: what is written is never beyond that
        Segments.Segment next = segments.after(of);
        return next == null ? written - of.first : Math.min(of.length, next.first - of.first);
    }

    private BlockReader open(Segments.Segment next) throws IOException {
        FileChannel channel = FileChannel.open(next.path, StandardOpenOption.READ);
        segment = next;
        records.newSegment();
        if (blocks == null) {
            blocks = new BlockReader(channel, next.first, this::damaged);
        } else {
            blocks.open(channel, next.first);
        }
        return blocks;
    }

    @Override
    public long bytes(long from, long to) {
        return segments.bytes(from, to);
    }

    @Override
    public void committed(long upTo) {
        segments.committed(upTo);
    }

    @Override
    public void close() throws IOException {
        if (blocks != null) {
            blocks.close();
            blocks = null;
        }
    }

    /// Takes entries and passes over what is for the appending side alone.
    private record Entries(@Nullable List<Entry> taken) implements Records.Visitor {
        void take(List<Entry.HoleOpened> holes) {
            if (taken != null) {
                taken.addAll(holes);
            }
        }

        @Override
        public void entry(Entry entry) {
            if (taken != null) {
                taken.add(entry);
            }
        }

        @Override
        public void state(ByteBuffer piece) {}

        @Override
        public void stateEnd(long length) {}

        @Override
        public void closed() {}
    }
}
