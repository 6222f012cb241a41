package parcel;

import java.time.Instant;

public record Parcel(String number, State state, Instant pickedUpAt) {
    public boolean isDone() {
        return state == State.OK || state == State.LOST;
    }
}
