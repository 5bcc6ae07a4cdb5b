/** The phone's place: {lon, lat, accuracy} in WGS 84; rejects where it is refused or takes too long. */
export function here() {
  return new Promise((found, refused) => {
    if (!navigator.geolocation) return refused(new Error("none"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => found({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy }),
      refused, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 },
    );
  });
}
