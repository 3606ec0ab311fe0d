/** Words and numbers of the recorder that both its pages use. Pure. */

import type { DeviceTrouble } from "./devices.ts";
import type { Announcement } from "./machine.ts";
import type { Safety } from "./takes.ts";

/** Seconds as a person would say them: "30 seconds", "2 minutes", "1 minute 30". */
export function spoken(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = Math.round(seconds % 60);
  if (minutes === 0) return `${rest} seconds`;
  const whole = `${minutes} ${minutes === 1 ? "minute" : "minutes"}`;
  return rest === 0 ? whole : `${whole} ${rest}`;
}

export const ANNOUNCED: Record<Announcement, string> = {
  think_over: "The time to think is over. Are you ready? Nothing is recorded yet.",
  countdown: "Recording starts in three, two, one.",
  hold: "Not yet: one moment, we are still connecting.",
  started: "Recording has started.",
  thirty_left: "30 seconds left.",
  time_up: "Time is up. Finish your sentence; recording stops gently in 5 seconds.",
  stopped: "Recording has stopped.",
  lost: "The network is lost. Keep talking, your answer is being saved on this device.",
  found: "The connection is back.",
  kept: "Your answer is kept.",
};

/** The same as "lost", where the network is there and only the recorder is not. */
export const RECORDER_GONE = {
  title: "The connection to our recorder broke. Keep talking.",
  said: "The connection to our recorder broke. Keep talking, your answer is being saved on this device.",
};

/** The same, where it never stood. */
export const RECORDER_AWAY = {
  title: "Our recorder is out of reach. This device records alone.",
  said: "Recording has started. Our recorder is out of reach: your answer is recorded on this device and sent afterwards.",
};

/** The same, where recorders are there and have no room. */
export const RECORDERS_BUSY = {
  title: "All recorders are busy. This device records alone.",
  said: "Recording has started. All recorders are busy: your answer is recorded on this device and sent afterwards.",
};

/** The same, where this device keeps no copy: what is said from now on is lost. */
export const NOTHING_KEPT = {
  title: "The connection broke, and this device keeps no copy",
  said: "The connection broke, and this device keeps no copy. Press Finish, and record the answer again later.",
};

/** The link carries no picture beside the voice. */
export const VOICE_ONLY = {
  narrow: {
    title: "Your network is too slow for the picture. Your voice goes on.",
    said: "Your network is too slow for the picture. Keep talking: your voice goes on, and the picture is kept on this device.",
    uncopied:
      "Your network is too slow for the picture. Keep talking: your voice goes on, and is enough for an answer.",
  },
  offered: {
    title: "Your network is quicker again.",
    said: "Your network is quicker again. You can send the picture once more.",
    uncopied: "Your network is quicker again. You can send the picture once more.",
  },
};

export const SAFETY_WORDS: Record<Safety, string> = {
  nothing: "",
  here: "Sending",
  sending: "Sending",
  waiting: "Waiting to send",
  safe: "Sent and safe",
  partly: "Only a part of it arrived",
  gone: "This take did not arrive",
};

/** What is wrong with the devices, and what helps. The candidate's pages add pictures and steps. */
export const TROUBLE: Record<DeviceTrouble, { title: string; what: string }> = {
  insecure: {
    title: "This address is not secure enough for a camera",
    what: "Browsers only open camera and microphone on https pages. Open the link with https:// in front.",
  },
  unsupported: {
    title: "This browser cannot record",
    what: "A current Chrome, Firefox, Edge or Safari can. Your place is kept when you come back with one of them.",
  },
  denied: {
    title: "Camera and microphone are blocked",
    what: "The browser keeps them closed until you allow them for this page.",
  },
  no_camera: {
    title: "We found no camera",
    what: "If it has a plug or a shutter, check those. This picture comes alive by itself when it is there.",
  },
  no_microphone: {
    title: "We found no microphone",
    what: "Plug one in or connect your headset. This page notices by itself when it is there.",
  },
  busy: {
    title: "Another program uses your camera or microphone",
    what: "Close video calls and other tabs that show your picture, then ask again.",
  },
  broken: {
    title: "The camera did not start",
    what: "Unplug it and plug it in again, or restart the browser. Your place is kept.",
  },
};

/** Why a take did not begin, where the server sent no sentence of its own. */
export const REFUSED: Record<string, string> = {
  takes_used_up: "All takes for this question are used. You can keep the last one, or answer in writing.",
  already_recording:
    "This answer is being recorded in another tab or on another device. Finish there, or close it and try again.",
  quota_exceeded: "There is no room left for more recordings here. You can still answer in writing.",
  storage_low:
    "There is no room for another video on our side just now. You can answer in writing, or come back later.",
  no_recorder: "The recorder is not available just now. Try again in a minute, or answer in another way.",
  recorders_busy: "All recorders are busy just now. Try again in a minute, or answer in another way.",
  unreachable: "We cannot reach the server. Check your network and try again; nothing is lost.",
  unavailable: "Something went wrong on our side. Try again in a moment; nothing is lost.",
  no_connection: "Your network does not let the recording through. Try again, or upload a file instead.",
  throttled: "That was quick. Wait a moment and try again.",
  camera_gone: "The camera was unplugged or taken by another program. What was recorded until then is below.",
  microphone_gone: "The microphone was unplugged. What was recorded until then is below.",
  gone: "This take did not arrive, and there is no copy of it on this device. Please record it again.",
  job_closed: "This job is closed and takes no more answers.",
  not_signed_in: "Your link is no longer open in this browser. Open your personal link again; your answers are kept.",
  link_expired: "Your link has expired. Ask for a new one; your answers are kept.",
  too_large: "The recording is too large to be sent. Record a shorter one.",
};
