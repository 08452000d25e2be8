package io.metdc.storage.journal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// What is found in the segments of an earlier run: hands the newest saved state and what came after it to
/// the journal's user.
///
/// @param end     the position behind the last intact block
/// @param trades  in the journal's life up to there
/// @param orderly whether the last run closed the journal
record Recovery(long end, long trades, boolean orderly) {

    /// @param segments at least one
    static Recovery run(Segments segments, JournalState state) throws IOException {
        Segments.Segment base = segments.oldest();
        for (Segments.Segment segment : segments.newestFirst()) {
            byte[] saved = savedState(segment);
            if (saved != null) {
                state.restore(saved);
                base = segment;
                break;
            }
        }
        Replay replay = new Replay(state);
        long end = base.first;
        long last = segments.newest().end();
        for (Segments.Segment segment : segments.from(base)) {
            FileChannel channel = FileChannel.open(segment.path, StandardOpenOption.READ);
            try (BlockReader blocks = new BlockReader(channel, segment.first, (from, to) -> {
                if (to < last) { // else a kill came while it was written: nobody was told that it is there
                    segments.damaged(from, to);
                }
            })) {
                SegmentHeader header = SegmentHeader.read(channel, segment.path);
                replay.trades = header == null ? replay.trades : header.tradesBefore();
                replay.records.newSegment();
                while (blocks.next(segment.length)) {
                    replay.orderly = false;
                    try {
                        replay.records.read(blocks.records(), replay);
                    } catch (IOException e) {
                        segments.damaged(blocks.from(), blocks.position());
                    }
                }
                segments.lost(segment, replay.records.takeLost());
                end = segment.first + blocks.lastIntact();
            }
        }
        return new Recovery(end, replay.trades, replay.orderly);
    }

    /// The state at the head of a segment; null when it was not written to its end.
    private static byte @Nullable [] savedState(Segments.Segment segment) throws IOException {
        FileChannel channel = FileChannel.open(segment.path, StandardOpenOption.READ);
        try (BlockReader blocks = new BlockReader(channel, segment.first, (_, _) -> {})) {
            Head head = new Head();
            Records.Reader records = new Records.Reader();
            while (!head.over && blocks.next(segment.length)) {
                records.read(blocks.records(), head);
            }
            return head.whole ? head.state.toByteArray() : null;
        } catch (IOException e) {
            return null;
        }
    }

    private static final class Head implements Records.Visitor {
        private final ByteArrayOutputStream state = new ByteArrayOutputStream();
        private boolean over;
        private boolean whole;

        @Override
        public void entry(Entry entry) {
            over = true;
        }

        @Override
        public void state(ByteBuffer piece) {
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            state.writeBytes(bytes);
        }

        @Override
        public void stateEnd(long length) {
            whole = !over && state.size() == length;
            over = true;
        }

        @Override
        public void closed() {
            over = true;
        }
    }

    private static final class Replay implements Records.Visitor {
        private final Records.Reader records = new Records.Reader();
        private final JournalState state;
        private long trades;
        private boolean orderly;

        Replay(JournalState state) {
            this.state = state;
        }

        @Override
        public void entry(Entry entry) {
            if (entry instanceof Entry.Traded) {
                trades++;
            }
            state.replay(entry);
        }

        @Override
        public void state(ByteBuffer piece) {}

        @Override
        public void stateEnd(long length) {}

        @Override
        public void closed() {
            orderly = true;
        }
    }
}
