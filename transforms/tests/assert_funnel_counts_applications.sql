{{ config(group='origination') }}
-- Every application is counted once, in one state; every loan of an application too.
with funnel as (select * from {{ ref('origination__funnel_daily') }}),
     applications as (select * from {{ ref('stg_origination__applications') }}),
     disbursed as (select * from {{ ref('int_origination__applications_disbursed') }}),
     counted as (
         select sum(applications_received) as received, sum(loans_disbursed) as loans,
                sum(amount_requested) as amount_requested,
                sum(applications_approved + applications_rejected + applications_referred + applications_pending)
                    as decided_or_not
         from funnel
     ),
     parent as (select count(*) as received, sum(amount_requested) as amount_requested from applications),
     parent_loans as (select sum(loans_disbursed) as loans from disbursed)
select counted.*, parent.received as parent_received
from counted
cross join parent
cross join parent_loans
where coalesce(counted.received, 0) <> parent.received or counted.received <> counted.decided_or_not
   or counted.loans <> coalesce(parent_loans.loans, 0) or counted.amount_requested <> parent.amount_requested
