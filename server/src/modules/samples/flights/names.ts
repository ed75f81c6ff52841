/** What the sample's parts are called; each is found again by its name. */
export const RAW_DATASET = "flights-raw";
export const DATASET = "flights";
export const AIRPORT_VIEW = "airport_delays";
export const ROUTE_VIEW = "route_delays";
export const SERVICE = "flight_delay";
export const PIPELINE = "flight-delay";
export const MODEL = "flight-delay";
export const ENDPOINT = "flight-delay";
export const MONITOR = "flight-delay";
