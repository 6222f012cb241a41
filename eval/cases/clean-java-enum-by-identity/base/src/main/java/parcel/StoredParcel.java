package parcel;

import java.time.Instant;

/** As it is in the database. */
public record StoredParcel(String number, String state, Instant pickedUpAt) {
    public Parcel toParcel() {
        return new Parcel(number, State.valueOf(state), pickedUpAt);
    }
}
