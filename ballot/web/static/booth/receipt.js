/** Showing a receipt that was verified: its words, its files, its picture. What is *not* done here: verifying it. */

import { fillGroups, fill, offer, point } from "./page.js";
import { exactWallTime } from "./times.js";

/** Fill every place that speaks of the receipt. `receiptText` is as handed out, and is what is downloaded. */
export function fillReceipt(receipt, receiptText) {
  const hash = hexOf(receipt.tracking_number);
  const place = `${receipt.programme}/${receipt.ccg}`;
  fill({ "receipt-time": exactWallTime(receipt.time), "receipt-height": String(receipt.height), "receipt-head": receipt.chain_head });
  fillGroups("receipt", receipt.tracking_number);
  offer("receipt", `receipt-${receipt.ccg}-${receipt.height}.json`, receiptText);
  point({
    "receipt-pdf": `/api/programmes/${place}/receipts/${hash}.pdf`,
    "receipt-qr": `/api/programmes/${place}/receipts/${hash}.svg`,
    "receipt-check": `/check/${place}/${hash}`,
  });
}

/** A tracking number, which is Base64, in hexadecimal: as it stands in addresses. */
export function hexOf(trackingNumber) {
  return [...atob(trackingNumber)].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join("");
}
