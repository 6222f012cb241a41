package parcel;

public enum State {
    OPEN,
    OK,
    LOST
}
